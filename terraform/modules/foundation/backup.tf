# One plan and one pair of vaults for all instances, chosen by their tag: AWS allows 300 vaults and 300 plans a region.
resource "aws_backup_vault" "here" {
  name        = "${var.name_prefix}-${var.environment}"
  kms_key_arn = aws_kms_key.data.arn
  tags        = local.tags
}

resource "aws_backup_vault" "copy" {
  region = var.copy_region

  name        = "${var.name_prefix}-${var.environment}-copy"
  kms_key_arn = aws_kms_key.copy.arn
  tags        = local.tags

  lifecycle {
    precondition {
      condition     = var.copy_region != local.region
      error_message = "The second region has to be another one."
    }
  }
}

# Nobody who gets hold of a key of Berth's deletes a backup before its time. Governance mode: an administrator may lift it.
resource "aws_backup_vault_lock_configuration" "here" {
  backup_vault_name  = aws_backup_vault.here.name
  min_retention_days = local.backup_days
}

resource "aws_backup_vault_lock_configuration" "copy" {
  region = var.copy_region

  backup_vault_name  = aws_backup_vault.copy.name
  min_retention_days = local.backup_days
}

resource "aws_backup_plan" "daily" {
  name = "${var.name_prefix}-${var.environment}"
  tags = local.tags

  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.here.name
    # After the instances' own backup windows, before their maintenance.
    schedule          = "cron(30 3 * * ? *)"
    start_window      = 60
    completion_window = 480

    lifecycle {
      delete_after = local.backup_days
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.copy.arn

      lifecycle {
        delete_after = local.backup_days
      }
    }
  }
}

resource "aws_backup_selection" "by_tag" {
  name         = "${var.name_prefix}-${var.environment}-by-tag"
  plan_id      = aws_backup_plan.daily.id
  iam_role_arn = aws_iam_role.backup.arn
  # Instances alone: their snapshots bear the same tags.
  resources = ["arn:${local.partition}:rds:*:*:db:${var.name_prefix}-*"]

  condition {
    string_equals {
      key   = "aws:ResourceTag/berth:backup"
      value = var.environment
    }
  }
}

data "aws_iam_policy_document" "backup_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "backup" {
  name               = "${var.name_prefix}-${var.environment}-${local.region}-backup"
  description        = "AWS Backup on databases that Berth makes"
  assume_role_policy = data.aws_iam_policy_document.backup_trust.json
  tags               = local.tags
}

resource "aws_iam_role_policy_attachment" "backup" {
  for_each = toset(["AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"])

  role       = aws_iam_role.backup.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/${each.key}"
}
