# Berth's own role: what making, reading and destroying its instances takes, on names that begin with its prefix. It may
# neither delete snapshots nor touch vaults: what it made wrong can always be brought back.

locals {
  rds  = "arn:${local.partition}:rds:${local.region}:${local.account}"
  mine = "${var.name_prefix}-*"
}

data "aws_iam_policy_document" "berth_trust" {
  dynamic "statement" {
    for_each = length(var.trusted_principal_arns) == 0 ? [] : [var.trusted_principal_arns]
    content {
      actions = ["sts:AssumeRole"]
      principals {
        type        = "AWS"
        identifiers = statement.value
      }
    }
  }

  dynamic "statement" {
    for_each = var.trusted_service_account == null ? [] : [var.trusted_service_account]
    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]
      principals {
        type        = "Federated"
        identifiers = [statement.value.provider_arn]
      }
      condition {
        test     = "StringEquals"
        variable = "${statement.value.issuer}:sub"
        values   = ["system:serviceaccount:${statement.value.namespace}:${statement.value.name}"]
      }
      condition {
        test     = "StringEquals"
        variable = "${statement.value.issuer}:aud"
        values   = ["sts.amazonaws.com"]
      }
    }
  }
}

data "aws_iam_policy_document" "berth" {
  # checkov:skip=CKV_AWS_356:"*" only where the action knows no resource: describing, and reading metrics.
  statement {
    sid = "Read"
    actions = [
      "rds:DescribeDBInstances", "rds:DescribeDBSnapshots", "rds:DescribeEvents", "rds:DescribeAccountAttributes",
      "rds:DescribeDBEngineVersions", "rds:DescribeOrderableDBInstanceOptions", "rds:DescribePendingMaintenanceActions",
      "rds:DescribeDBParameterGroups", "rds:DescribeDBSubnetGroups", "rds:ListTagsForResource",
      "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics", "cloudwatch:ListTagsForResource",
      "logs:DescribeLogGroups", "logs:ListTagsForResource",
    ]
    resources = ["*"]
  }

  # What the instance stands on.
  statement {
    sid       = "CreateOnTheFoundation"
    actions   = ["rds:CreateDBInstance", "rds:ModifyDBInstance"]
    resources = ["${local.rds}:subgrp:${var.name_prefix}-${var.environment}", "${local.rds}:pg:${local.mine}", "${local.rds}:og:default:*"]
  }

  # Made with the tags by which it is found and backed up, or not at all.
  statement {
    sid       = "Create"
    actions   = ["rds:CreateDBInstance"]
    resources = ["${local.rds}:db:${local.mine}"]
    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/berth:backup"
      values   = [var.environment]
    }
  }

  # A last snapshot is made by whoever deletes.
  statement {
    sid       = "Snapshot"
    actions   = ["rds:CreateDBSnapshot", "rds:AddTagsToResource"]
    resources = ["${local.rds}:snapshot:${local.mine}"]
  }

  statement {
    sid       = "Tag"
    actions   = ["rds:AddTagsToResource"]
    resources = ["${local.rds}:db:${local.mine}"]
  }

  # Of its own environment alone, told by the tag.
  statement {
    sid = "Change"
    actions = [
      "rds:ModifyDBInstance", "rds:DeleteDBInstance", "rds:StartDBInstance", "rds:RebootDBInstance",
      "rds:CreateDBSnapshot", "rds:RemoveTagsFromResource",
    ]
    resources = ["${local.rds}:db:${local.mine}"]
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/berth:environment"
      values   = [var.environment]
    }
  }

  statement {
    sid       = "Alarms"
    actions   = ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:TagResource", "cloudwatch:UntagResource"]
    resources = ["arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:${local.mine}"]
  }

  statement {
    sid = "Logs"
    actions = [
      "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:AssociateKmsKey",
      "logs:TagResource", "logs:UntagResource",
    ]
    resources = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/rds/instance/${local.mine}"]
  }

  # RDS takes its own grant on the key in the name of who makes the instance; by RDS and the logs alone.
  statement {
    sid       = "Keys"
    actions   = ["kms:CreateGrant", "kms:DescribeKey", "kms:Decrypt", "kms:GenerateDataKey*"]
    resources = concat([aws_kms_key.data.arn], values(var.tenant_kms_key_arns))
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["rds.${local.region}.amazonaws.com", "logs.${local.region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "DescribeKeys"
    actions   = ["kms:DescribeKey"]
    resources = concat([aws_kms_key.data.arn], values(var.tenant_kms_key_arns))
  }

  statement {
    sid       = "HandOverMonitoring"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.monitoring.arn]
    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["monitoring.rds.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "berth" {
  count = length(var.trusted_principal_arns) == 0 && var.trusted_service_account == null ? 0 : 1

  name               = "${var.name_prefix}-${var.environment}-${local.region}"
  description        = "Berth makes, reads and destroys its PostgreSQL instances"
  assume_role_policy = data.aws_iam_policy_document.berth_trust.json
  # An apply may take 30 minutes, twice in a row when protection is lifted first.
  max_session_duration = 7200
  tags                 = local.tags
}

resource "aws_iam_policy" "berth" {
  name        = "${var.name_prefix}-${var.environment}-${local.region}"
  description = "What Berth may do"
  policy      = data.aws_iam_policy_document.berth.json
  tags        = local.tags
}

resource "aws_iam_role_policy_attachment" "berth" {
  count = length(aws_iam_role.berth)

  role       = aws_iam_role.berth[count.index].name
  policy_arn = aws_iam_policy.berth.arn
}

# RDS sends enhanced metrics by this one.
data "aws_iam_policy_document" "monitoring_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "monitoring" {
  name               = "${var.name_prefix}-${var.environment}-${local.region}-monitoring"
  description        = "RDS sends enhanced metrics of databases that Berth makes"
  assume_role_policy = data.aws_iam_policy_document.monitoring_trust.json
  tags               = local.tags
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
