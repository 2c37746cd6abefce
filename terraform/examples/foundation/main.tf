terraform {
  required_version = ">= 1.11"

  backend "s3" {
    bucket       = "acme-terraform"
    key          = "berth/production/eu-central-1"
    region       = "eu-central-1"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = "eu-central-1"
}

# The password of the shared cluster's admin login: export TF_VAR_shared_admin_password=…
variable "shared_admin_password" {
  type      = string
  ephemeral = true
  sensitive = true
}

module "foundation" {
  source = "../../modules/foundation"

  environment = "production"
  copy_region = "eu-west-1"
  vpc_id      = "vpc-0123456789abcdef0"
  subnet_ids  = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]

  trusted_principal_arns = ["arn:aws:iam::123456789012:role/berth-worker"]
  alarm_emails           = ["oncall@example.com"]
  shared_admin_password  = var.shared_admin_password
}

# terraform output -json berth > aws.json
output "berth" {
  value = module.foundation.berth
}

output "shared_cluster" {
  value = module.foundation.shared_cluster
}
