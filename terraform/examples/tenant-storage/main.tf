terraform {
  required_version = ">= 1.11"
}

provider "aws" {
  region = local.foundation.region
}

# Berth does this by itself; by hand it is for trying the module out. The password: export TF_VAR_admin_password=…
variable "admin_password" {
  type      = string
  ephemeral = true
  sensitive = true
}

locals {
  # terraform output -json berth, of the foundation
  foundation = jsondecode(file("${path.module}/aws.json"))
}

module "instance" {
  source = "../../modules/tenant-storage"

  cluster_id     = "dedicated-acme-corp-g2"
  labels         = { region = "eu-central-1" }
  instance_class = "db.t4g.medium"
  postgres_major = 17

  name_prefix           = local.foundation.name_prefix
  environment           = local.foundation.environment
  kms_key_arn           = local.foundation.kms_key_arn
  log_kms_key_arn       = local.foundation.log_kms_key_arn
  parameter_group_names = local.foundation.parameter_group_names
  subnet_group_name     = local.foundation.subnet_group_name
  security_group_ids    = local.foundation.security_group_ids
  monitoring_role_arn   = local.foundation.monitoring_role_arn
  alarm_topic_arns      = local.foundation.alarm_topic_arns
  admin_password        = var.admin_password
}

output "host" {
  value = module.instance.host
}
