# One key for the data here, one for its copies in the second region. Disks, snapshots and vaults are given theirs by grants
# of whoever makes them; only what writes on its own is named.
data "aws_iam_policy_document" "data_key" {
  # checkov:skip=CKV_AWS_109:The policy of a key is bound to that key; "*" means itself.
  # checkov:skip=CKV_AWS_111:The policy of a key is bound to that key; "*" means itself.
  # checkov:skip=CKV_AWS_356:The policy of a key is bound to that key; "*" means itself.
  statement {
    sid       = "AccountByIam"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }

  statement {
    sid       = "Logs"
    actions   = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["logs.${local.region}.amazonaws.com"]
    }
    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/rds/instance/${var.name_prefix}-*"]
    }
  }

  # Without it an alarm cannot publish to an encrypted topic, and nobody hears of that either.
  statement {
    sid       = "Alarms"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com", "events.rds.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "copy_key" {
  # checkov:skip=CKV_AWS_109:The policy of a key is bound to that key; "*" means itself.
  # checkov:skip=CKV_AWS_111:The policy of a key is bound to that key; "*" means itself.
  # checkov:skip=CKV_AWS_356:The policy of a key is bound to that key; "*" means itself.
  statement {
    sid       = "AccountByIam"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }
}

resource "aws_kms_key" "data" {
  description         = "Databases that Berth makes (${var.name_prefix}, ${var.environment})"
  policy              = data.aws_iam_policy_document.data_key.json
  enable_key_rotation = true
  # The longest there is: whoever deletes the key by mistake has a month to notice.
  deletion_window_in_days = 30
  tags                    = local.tags
}

resource "aws_kms_alias" "data" {
  name          = "alias/${var.name_prefix}-${var.environment}"
  target_key_id = aws_kms_key.data.key_id
}

resource "aws_kms_key" "copy" {
  region = var.copy_region

  description             = "Copies of backups of databases that Berth makes (${var.name_prefix}, ${var.environment})"
  policy                  = data.aws_iam_policy_document.copy_key.json
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = local.tags
}

resource "aws_kms_alias" "copy" {
  region = var.copy_region

  name          = "alias/${var.name_prefix}-${var.environment}-copy"
  target_key_id = aws_kms_key.copy.key_id
}
