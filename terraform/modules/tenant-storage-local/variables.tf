variable "cluster_id" {
  description = "Name of the instance, as Berth's catalog knows it."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.cluster_id))
    error_message = "Use 1 to 63 characters: a-z, 0-9, and hyphens inside."
  }
}

variable "tenant_id" {
  description = "The tenant whose data the instance will hold."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,39}$", var.tenant_id))
    error_message = "Use 3 to 40 characters: a-z, 0-9 and hyphens, starting with a letter."
  }
}

variable "folder" {
  description = "Absolute path of the folder that will hold the server: its data, its log, its socket."
  type        = string

  validation {
    condition     = startswith(var.folder, "/") && !strcontains(var.folder, "/../")
    error_message = "Give an absolute path without '..'."
  }
}

variable "admin_username" {
  description = "Name of the admin login (CREATEROLE CREATEDB, no superuser). Its verifier comes by BERTH_ADMIN_VERIFIER."
  type        = string
  default     = "berth_admin"

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_]{0,62}$", var.admin_username)) && var.admin_username != "postgres"
    error_message = "Use a-z, 0-9 and _ only, and not the superuser's name."
  }
}

variable "admin_revision" {
  description = "Any new value sets the admin login's verifier again and starts the server if it is stopped. Not a secret."
  type        = string
  default     = "1"
}

variable "labels" {
  description = "Labels of the cluster; kept in the state, and passed on as an output."
  type        = map(string)
  default     = {}
}
