terraform {
  # Write-only arguments and ephemeral variables came with 1.10 and 1.11: they keep the password out of state and plan.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}
