locals {
  alarms = {
    free-storage = {
      metric  = "FreeStorageSpace", compare = "LessThanThreshold", threshold = var.alarms.free_storage_bytes
      minutes = 5, missing = "breaching"
      says    = "Little disk is left, and storage autoscaling did not help: it has reached max_allocated_storage, or has grown within the last 6 hours."
    }
    cpu = {
      metric  = "CPUUtilization", compare = "GreaterThanThreshold", threshold = var.alarms.cpu_percent
      minutes = 15, missing = "breaching"
      says    = "The processor has been busy for 15 minutes: a larger instance class, or a look at Performance Insights."
    }
    connections = {
      metric  = "DatabaseConnections", compare = "GreaterThanThreshold", threshold = var.alarms.connections
      minutes = 5, missing = "notBreaching"
      says    = "Many sessions are open: clients without a pool, or with too large a one."
    }
    # Without a slot there is no such metric; that is well.
    slot-lag = {
      metric  = "OldestReplicationSlotLag", compare = "GreaterThanThreshold", threshold = var.alarms.slot_lag_bytes
      minutes = 5, missing = "notBreaching"
      says    = "A replication slot holds back WAL: its reader is gone or slow. Left alone it fills the disk."
    }
    transaction-logs = {
      metric  = "TransactionLogsDiskUsage", compare = "GreaterThanThreshold", threshold = var.alarms.transaction_logs_bytes
      minutes = 5, missing = "notBreaching"
      says    = "WAL takes up much of the disk: look for a replication slot that nobody reads."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "alarm" {
  for_each = local.alarms

  alarm_name          = "${local.identifier}-${each.key}"
  alarm_description   = each.value.says
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  dimensions          = { DBInstanceIdentifier = aws_db_instance.instance.identifier }
  statistic           = "Average"
  period              = 60
  evaluation_periods  = each.value.minutes
  datapoints_to_alarm = each.value.minutes
  comparison_operator = each.value.compare
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = local.tags
}
