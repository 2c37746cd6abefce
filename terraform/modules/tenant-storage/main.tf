# One PostgreSQL server by RDS. It makes infrastructure and nothing else: no secret is written here, so no change of a variable
# can lead a reader to another database; only Berth's switch does that. Nothing is made a tenant of which AWS allows few a
# region (subnet groups, parameter groups, backup vaults and plans): those are the foundation's.

module "names" {
  source     = "../names"
  prefix     = var.name_prefix
  cluster_id = var.cluster_id
}

locals {
  identifier = module.names.identifier

  by_environment = {
    staging    = { backup_days = 14, backup_window = "01:00-02:00", log_days = 30 }
    production = { backup_days = 35, backup_window = "02:00-03:00", log_days = 365 }
  }[var.environment]

  tags = merge(
    { for name, value in var.labels : "berth:label:${name}" => value },
    module.names.tenant_id == null ? {} : { "berth:tenant" = module.names.tenant_id },
    {
      Name                = local.identifier
      "berth:cluster"     = var.cluster_id
      "berth:environment" = var.environment
      # What the foundation's backup plan selects by.
      "berth:backup" = var.environment
    },
  )

  log_exports = toset(["postgresql", "upgrade"])
}

# Its id is new for each life of the instance, and so is the name of the final snapshot: a second instance of the same name
# would otherwise fail to go, since its snapshot's name is taken.
resource "terraform_data" "life" {
  input = local.identifier
}

# Made before the instance: the groups that RDS makes by itself keep everything for ever, unencrypted.
resource "aws_cloudwatch_log_group" "log" {
  for_each = local.log_exports

  name              = "/aws/rds/instance/${local.identifier}/${each.key}"
  retention_in_days = local.by_environment.log_days
  kms_key_id        = var.log_kms_key_arn
  tags              = local.tags
}

resource "aws_db_instance" "instance" {
  # checkov:skip=CKV_AWS_161:Tenants log in by SCRAM verifiers that move with them; a second way in by IAM is not wanted.
  # checkov:skip=CKV_AWS_133:Backups are kept for 14 or 35 days by environment; checkov does not follow the map.
  # checkov:skip=CKV_AWS_157:Multi-AZ is a variable and on by default; staging may do without.
  # checkov:skip=CKV2_AWS_30:The foundation's parameter group logs statements that take longer than a second; all of them would be the tenants' data in a log.
  identifier = local.identifier

  engine                     = "postgres"
  engine_version             = tostring(var.postgres_major)
  auto_minor_version_upgrade = true
  instance_class             = var.instance_class
  multi_az                   = var.multi_az
  parameter_group_name       = var.parameter_group_names[tostring(var.postgres_major)]

  storage_type          = "gp3"
  allocated_storage     = var.allocated_storage_gib
  max_allocated_storage = var.max_allocated_storage_gib
  iops                  = var.iops
  storage_throughput    = var.storage_throughput_mibps
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  username            = var.admin_username
  password_wo         = var.admin_password
  password_wo_version = var.admin_revision
  ca_cert_identifier  = "rds-ca-rsa2048-g1"

  port                   = 5432
  db_subnet_group_name   = var.subnet_group_name
  vpc_security_group_ids = var.security_group_ids
  publicly_accessible    = false

  backup_retention_period  = local.by_environment.backup_days
  backup_window            = coalesce(var.backup_window, local.by_environment.backup_window)
  maintenance_window       = var.maintenance_window
  copy_tags_to_snapshot    = true
  delete_automated_backups = false
  # Pending changes wait for the maintenance window; a password and the protection from deletion never wait.
  apply_immediately = false

  # Each by a variable of its own: turning the protection off never turns the last snapshot off.
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.final_snapshot
  final_snapshot_identifier = "${module.names.final_snapshot_prefix}-${terraform_data.life.id}"

  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = 7
  monitoring_interval                   = 60
  monitoring_role_arn                   = var.monitoring_role_arn
  enabled_cloudwatch_logs_exports       = local.log_exports

  tags = local.tags

  timeouts {
    create = "30m"
    update = "30m"
    delete = "30m"
  }

  lifecycle {
    # The disk has grown by itself since; a smaller size would be refused, and is not meant.
    ignore_changes = [allocated_storage]
  }

  depends_on = [aws_cloudwatch_log_group.log]
}
