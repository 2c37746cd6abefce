variable "prefix" {
  description = "Keeps the instances of one Berth apart from all others of the account and region. No hyphen: the first one ends it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.prefix))
    error_message = "Use 2 to 10 characters: a-z and 0-9, starting with a letter."
  }
}

variable "cluster_id" {
  description = "Name of the cluster, as Berth's catalog knows it: dedicated-<tenant>-g<generation>, or any other, as shared-1."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.cluster_id))
    error_message = "Use a-z, 0-9 and single hyphens inside, starting with a letter."
  }

  validation {
    condition     = !can(regex("^dedicated-[a-z].*-g[1-9][0-9]*$", var.cluster_id)) || can(regex("^dedicated-[a-z][a-z0-9-]{2,39}-g[1-9][0-9]*$", var.cluster_id))
    error_message = "A tenant id has 3 to 40 characters, starting with a letter."
  }

  # Of a dedicated cluster the identifier leaves the word away, and the hyphen.
  validation {
    condition     = length("${var.prefix}-c-${var.cluster_id}") <= (can(regex("^dedicated-[a-z].*-g[1-9][0-9]*$", var.cluster_id)) ? 73 : 63)
    error_message = "The identifier of an RDS instance has 63 characters at most: the name is too long."
  }
}
