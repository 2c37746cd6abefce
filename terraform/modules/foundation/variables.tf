variable "name_prefix" {
  description = "Keeps what Berth makes apart from all else of the account and region. One for each environment of an account."
  type        = string
  default     = "berth"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.name_prefix))
    error_message = "Use 2 to 10 characters: a-z and 0-9, starting with a letter."
  }
}

variable "environment" {
  description = "staging or production: decides how long backups are kept (14 or 35 days)."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "Use staging or production."
  }
}

variable "copy_region" {
  description = "Second region, which gets a copy of each backup."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.copy_region))
    error_message = "Name a region of AWS, for example eu-west-1."
  }
}

variable "vpc_id" {
  description = "VPC of the databases, of Berth and of the product."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "Give the id of a VPC: vpc-…"
  }
}

variable "subnet_ids" {
  description = "Private subnets of the databases, in two availability zones or more."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(distinct(var.subnet_ids)) >= 2 && alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))])
    error_message = "Give the ids of at least two subnets: subnet-…"
  }
}

variable "client_security_group_ids" {
  description = "Security groups that may reach the databases, beside the one that is made here for that (output client_security_group_id)."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.client_security_group_ids : can(regex("^sg-[0-9a-f]+$", id))])
    error_message = "Give ids of security groups: sg-…"
  }
}

variable "postgres_majors" {
  description = "Major versions of PostgreSQL for which a parameter group is made."
  type        = set(number)
  default     = [16, 17, 18]
  nullable    = false

  validation {
    condition     = length(var.postgres_majors) > 0 && alltrue([for major in var.postgres_majors : contains([15, 16, 17, 18], major)])
    error_message = "Use 15, 16, 17 and 18."
  }
}

variable "tenant_kms_key_arns" {
  description = "Keys that tenants bring, by the value of the label kms-key. Their own policies have to let Berth's role in as well."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for arn in values(var.tenant_kms_key_arns) : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", arn))])
    error_message = "Give ARNs of keys (not of aliases): arn:aws:kms:<region>:<account>:key/<id>."
  }
}

variable "trusted_principal_arns" {
  description = "Who may take Berth's role: the role of the machine or task that runs Berth."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.trusted_principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "Give ARNs of roles or users; a whole account or everybody may not take the role."
  }
}

variable "trusted_service_account" {
  description = "Or a service account of Kubernetes: the cluster's OIDC provider, its issuer without https://, and the account."
  type = object({
    provider_arn = string
    issuer       = string
    namespace    = string
    name         = string
  })
  default = null
}

variable "alarm_emails" {
  description = "Addresses that hear of alarms and of events of the instances. Each has to confirm once."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "shared_cluster" {
  description = "The first shared cluster of the region; null makes none."
  type = object({
    cluster_id            = optional(string, "shared-1")
    instance_class        = optional(string, "db.m7g.large")
    postgres_major        = optional(number, 17)
    multi_az              = optional(bool, true)
    allocated_storage_gib = optional(number, 100)
    max_storage_gib       = optional(number, 1000)
    admin_revision        = optional(number, 1)
  })
  default = {}
}

variable "shared_admin_password" {
  description = "Password of the shared cluster's admin login, by TF_VAR_shared_admin_password. Ephemeral: it is in no state and no plan."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true
}
