resource "aws_sns_topic" "alarms" {
  name              = "${var.name_prefix}-${var.environment}-alarms"
  kms_master_key_id = aws_kms_key.data.id
  tags              = local.tags
}

data "aws_iam_policy_document" "alarms" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]
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

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.alarms.json
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.alarm_emails

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.value
}

# Of every instance of the account and region: AWS takes no tag here, and 20 subscriptions at most.
resource "aws_db_event_subscription" "instances" {
  name             = "${var.name_prefix}-${var.environment}-instances"
  sns_topic        = aws_sns_topic.alarms.arn
  source_type      = "db-instance"
  event_categories = ["failover", "failure", "low storage", "recovery"]
  tags             = local.tags

  depends_on = [aws_sns_topic_policy.alarms]
}
