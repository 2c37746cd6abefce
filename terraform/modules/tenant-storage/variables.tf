variable "cluster_id" {
  description = "Name of the cluster, as Berth's catalog knows it: dedicated-<tenant>-g<generation>, or any other, as shared-1."
  type        = string
  nullable    = false
}

variable "name_prefix" {
  description = "Keeps the instances of one Berth apart from all others of the account and region."
  type        = string
  default     = "berth"
  nullable    = false
}

variable "environment" {
  description = "staging or production: decides how long backups and logs are kept, and what the backup plan selects."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "Use staging or production."
  }
}

variable "labels" {
  description = "Labels of the cluster. They become tags berth:label:<name>, which Berth reads back."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name, value in var.labels : can(regex("^[\\w .:/=+@-]{1,100}$", name)) && can(regex("^[\\w .:/=+@-]{0,256}$", value))])
    error_message = "Names of 1 to 100 and values of 0 to 256 characters, as tags may have: letters, digits, spaces and _ . : / = + - @."
  }

  # 50 tags a resource; some are ours, and some an account adds by itself.
  validation {
    condition     = length(var.labels) <= 30
    error_message = "At most 30 labels."
  }
}

# The server.

variable "postgres_major" {
  description = "Major version of PostgreSQL. RDS chooses the minor one, and keeps it new."
  type        = number
  default     = 17
  nullable    = false

  validation {
    condition     = contains([15, 16, 17, 18], var.postgres_major)
    error_message = "Use 15, 16, 17 or 18."
  }
}

variable "instance_class" {
  description = "Class of the instance."
  type        = string
  default     = "db.t4g.medium"
  nullable    = false

  validation {
    condition     = can(regex("^db\\.[a-z0-9-]+\\.[a-z0-9-]+$", var.instance_class))
    error_message = "Name a class of RDS, for example db.t4g.medium."
  }
}

variable "multi_az" {
  description = "A standby in another availability zone, which takes over by itself."
  type        = bool
  default     = true
  nullable    = false
}

variable "parameter_group_names" {
  description = "Parameter group for each major version, as the foundation made them: TLS forced, logical replication on."
  type        = map(string)
  nullable    = false

  validation {
    condition     = contains(keys(var.parameter_group_names), tostring(var.postgres_major))
    error_message = "There is no parameter group for that version of PostgreSQL: add it to the foundation's postgres_majors."
  }
}

# The disk.

variable "allocated_storage_gib" {
  description = "Size of the gp3 disk at first, in GiB."
  type        = number
  default     = 20
  nullable    = false

  validation {
    condition     = var.allocated_storage_gib >= 20 && var.allocated_storage_gib <= 65536 && floor(var.allocated_storage_gib) == var.allocated_storage_gib
    error_message = "Use a whole number from 20 to 65536."
  }
}

variable "max_allocated_storage_gib" {
  description = "Size up to which RDS grows the disk by itself, in GiB."
  type        = number
  default     = 500
  nullable    = false

  # RDS's own rule: below 110 % it refuses to scale.
  validation {
    condition     = var.max_allocated_storage_gib >= var.allocated_storage_gib * 1.1 && var.max_allocated_storage_gib <= 65536
    error_message = "Use at least 110 % of allocated_storage_gib, and at most 65536."
  }
}

variable "iops" {
  description = "Provisioned operations a second. Null: gp3's own 3,000, or 12,000 from 400 GiB on. Only from 400 GiB on may it be set."
  type        = number
  default     = null

  validation {
    condition     = var.iops == null || try(var.iops >= 12000 && var.iops <= 64000 && var.allocated_storage_gib >= 400, false)
    error_message = "Use 12000 to 64000, with a disk of 400 GiB or more."
  }
}

variable "storage_throughput_mibps" {
  description = "Provisioned throughput in MiB/s. Null: gp3's own 125, or 500 from 400 GiB on. Only together with iops."
  type        = number
  default     = null

  validation {
    condition     = var.storage_throughput_mibps == null || try(var.storage_throughput_mibps >= 500 && var.storage_throughput_mibps <= 4000 && var.iops != null, false)
    error_message = "Use 500 to 4000, together with iops."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts disk, snapshots and Performance Insights: the foundation's, or the tenant's own."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "Give the ARN of a key (not of an alias): arn:aws:kms:<region>:<account>:key/<id>."
  }
}

# The way in.

variable "subnet_group_name" {
  description = "Subnet group of the foundation."
  type        = string
  nullable    = false
}

variable "security_group_ids" {
  description = "Security groups of the foundation."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.security_group_ids) > 0
    error_message = "Name at least one: without one RDS takes the VPC's default group."
  }
}

variable "admin_username" {
  description = "Name of the admin login. RDS gives it CREATEROLE and CREATEDB, and never superuser."
  type        = string
  default     = "berth_admin"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.admin_username)) && !contains(["admin", "postgres", "rdsadmin"], var.admin_username)
    error_message = "Use a-z, 0-9 and _, starting with a letter, and none of the names that RDS or PostgreSQL keeps for itself."
  }
}

variable "admin_password" {
  description = "Password of the admin login, by TF_VAR_admin_password. Ephemeral: it is in no state and no plan. Null where nothing is to be set."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.admin_password == null || can(regex("^[!#-&(-.0-?A-~]{16,128}$", var.admin_password))
    error_message = "Use 16 to 128 printable ASCII characters without space, slash, at sign and quotes."
  }
}

variable "admin_revision" {
  description = "Any new number sets the admin's password to admin_password. Not a secret."
  type        = number
  default     = 1
  nullable    = false
}

# What happens when.

variable "deletion_protection" {
  description = "RDS refuses to delete the instance while this is on. Says nothing about the final snapshot."
  type        = bool
  default     = true
  nullable    = false
}

variable "final_snapshot" {
  description = "Take a last snapshot when the instance is deleted. Says nothing about the protection from deletion."
  type        = bool
  default     = true
  nullable    = false
}

variable "backup_window" {
  description = "When the daily backup runs, in UTC. Null: that of the environment."
  type        = string
  default     = null

  validation {
    condition     = var.backup_window == null || can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", var.backup_window))
    error_message = "Use hh:mm-hh:mm in UTC, 30 minutes at least."
  }
}

variable "maintenance_window" {
  description = "When RDS may restart the instance for what is pending, in UTC. Must not meet the backup window."
  type        = string
  default     = "sun:04:30-sun:05:30"
  nullable    = false

  validation {
    condition     = can(regex("^((mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-?){2}$", var.maintenance_window))
    error_message = "Use ddd:hh:mm-ddd:hh:mm in UTC."
  }
}

# Who watches.

variable "monitoring_role_arn" {
  description = "Role of the foundation by which RDS sends its enhanced metrics."
  type        = string
  nullable    = false
}

variable "log_kms_key_arn" {
  description = "Key that encrypts the log groups: the foundation's. A tenant's own key rarely lets CloudWatch in."
  type        = string
  nullable    = false
}

variable "alarm_topic_arns" {
  description = "SNS topics that hear of each alarm and of its end."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "alarms" {
  description = "Thresholds of the alarms."
  type = object({
    free_storage_bytes     = optional(number, 5368709120)  # 5 GiB
    cpu_percent            = optional(number, 80)          # for 15 minutes
    connections            = optional(number, 300)         # db.t4g.medium takes about 400
    slot_lag_bytes         = optional(number, 2147483648)  # 2 GiB of WAL that a replication slot holds back
    transaction_logs_bytes = optional(number, 10737418240) # 10 GiB
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for threshold in values(var.alarms) : threshold > 0]) && var.alarms.cpu_percent <= 100
    error_message = "Thresholds are above zero; a percentage is 100 at most."
  }
}
