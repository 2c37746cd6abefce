output "cluster_id" {
  description = "Name of the cluster, as Berth's catalog knows it."
  value       = var.cluster_id
}

output "identifier" {
  description = "Identifier of the RDS instance."
  value       = aws_db_instance.instance.identifier
}

output "arn" {
  description = "ARN of the RDS instance."
  value       = aws_db_instance.instance.arn
}

output "host" {
  description = "Name under which the server is reached; its certificate is made out to it."
  value       = aws_db_instance.instance.address
}

output "port" {
  description = "Port of the server."
  value       = aws_db_instance.instance.port
}

output "postgres_major" {
  description = "Major version of the server."
  value       = tonumber(split(".", aws_db_instance.instance.engine_version_actual)[0])
}

output "admin_username" {
  description = "Name of the admin login. Its password is no output, and in no state."
  value       = aws_db_instance.instance.username
}

output "admin_revision" {
  description = "Revision by which the admin's password was last set."
  value       = aws_db_instance.instance.password_wo_version
}

output "final_snapshot_identifier" {
  description = "Name of the snapshot that is taken when the instance is deleted."
  value       = var.final_snapshot ? aws_db_instance.instance.final_snapshot_identifier : null
}

output "labels" {
  description = "Labels of the cluster."
  value       = var.labels
}
