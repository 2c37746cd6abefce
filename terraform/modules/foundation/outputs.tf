output "berth" {
  description = "All that Berth has to know to make instances here, and no secret: terraform output -json berth > aws.json, named in BERTH_AWS_SETTINGS_FILE."
  value = {
    region                = local.region
    environment           = var.environment
    name_prefix           = var.name_prefix
    kms_key_arn           = aws_kms_key.data.arn
    tenant_kms_key_arns   = var.tenant_kms_key_arns
    log_kms_key_arn       = aws_kms_key.data.arn
    parameter_group_names = { for major, group in aws_db_parameter_group.postgres : major => group.name }
    subnet_group_name     = aws_db_subnet_group.databases.name
    security_group_ids    = [aws_security_group.database.id]
    monitoring_role_arn   = aws_iam_role.monitoring.arn
    alarm_topic_arns      = [aws_sns_topic.alarms.arn]
  }
}

output "berth_role_arn" {
  description = "Role for Berth; null where nobody was trusted with it."
  value       = one(aws_iam_role.berth[*].arn)
}

output "berth_policy_arn" {
  description = "What Berth may do, for a role that is made elsewhere."
  value       = aws_iam_policy.berth.arn
}

output "client_security_group_id" {
  description = "Security group for the machines of Berth and of the product: it opens the way to the databases."
  value       = aws_security_group.client.id
}

output "shared_cluster" {
  description = "Where the shared cluster is, for berth clusters register; null where none was made."
  value = one([for shared in module.shared : {
    cluster_id     = shared.cluster_id
    host           = shared.host
    port           = shared.port
    postgres_major = shared.postgres_major
    admin_username = shared.admin_username
  }])
}

output "backup_vault_arns" {
  description = "The vault here and the one of the copies."
  value       = { here = aws_backup_vault.here.arn, copy = aws_backup_vault.copy.arn }
}
