# What is made once for an environment in a region, and shared by all instances there.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  tags        = { "berth:environment" = var.environment }
  backup_days = { staging = 14, production = 35 }[var.environment]
}

# One group a major version: AWS allows 50 a region.
resource "aws_db_parameter_group" "postgres" {
  for_each = toset([for major in var.postgres_majors : tostring(major)])

  name        = "${var.name_prefix}-${var.environment}-postgres${each.key}"
  family      = "postgres${each.key}"
  description = "PostgreSQL ${each.key} as Berth needs it"
  tags        = local.tags

  # No connection in clear text.
  parameter {
    name         = "rds.force_ssl"
    value        = "1"
    apply_method = "pending-reboot"
  }

  # wal_level = logical. Takes a restart, so it is there from the first start on.
  parameter {
    name         = "rds.logical_replication"
    value        = "1"
    apply_method = "pending-reboot"
  }

  # A replication slot that nobody reads is given up before it fills the disk (in MB).
  parameter {
    name         = "max_slot_wal_keep_size"
    value        = "51200"
    apply_method = "pending-reboot"
  }

  # Berth hands over SCRAM verifiers, never passwords; nobody else should do less.
  parameter {
    name         = "rds.accepted_password_auth_method"
    value        = "scram"
    apply_method = "pending-reboot"
  }

  parameter {
    name         = "password_encryption"
    value        = "scram-sha-256"
    apply_method = "pending-reboot"
  }

  # Without the values of parameters: they are the tenants' data.
  parameter {
    name         = "log_min_duration_statement"
    value        = "1000"
    apply_method = "pending-reboot"
  }

  parameter {
    name         = "log_parameter_max_length"
    value        = "0"
    apply_method = "pending-reboot"
  }

  parameter {
    name         = "log_parameter_max_length_on_error"
    value        = "0"
    apply_method = "pending-reboot"
  }
}

module "shared" {
  source = "../tenant-storage"
  count  = var.shared_cluster == null ? 0 : 1

  cluster_id                = var.shared_cluster.cluster_id
  name_prefix               = var.name_prefix
  environment               = var.environment
  postgres_major            = var.shared_cluster.postgres_major
  instance_class            = var.shared_cluster.instance_class
  multi_az                  = var.shared_cluster.multi_az
  allocated_storage_gib     = var.shared_cluster.allocated_storage_gib
  max_allocated_storage_gib = var.shared_cluster.max_storage_gib
  kms_key_arn               = aws_kms_key.data.arn
  log_kms_key_arn           = aws_kms_key.data.arn
  parameter_group_names     = { for major, group in aws_db_parameter_group.postgres : major => group.name }
  subnet_group_name         = aws_db_subnet_group.databases.name
  security_group_ids        = [aws_security_group.database.id]
  monitoring_role_arn       = aws_iam_role.monitoring.arn
  alarm_topic_arns          = [aws_sns_topic.alarms.arn]
  admin_password            = var.shared_admin_password
  admin_revision            = var.shared_cluster.admin_revision
}
