output "identifier" {
  description = "Identifier of the RDS instance; its alarms and log groups begin with it too."
  value       = local.identifier
}

output "final_snapshot_prefix" {
  description = "Beginning of the name of the final snapshot. What makes it unique is appended with a hyphen."
  value       = "${local.identifier}-final"
}

output "tenant_id" {
  description = "Tenant of a dedicated cluster; null for any other."
  value       = local.tenant_id
}

output "generation" {
  description = "Generation of a dedicated cluster; null for any other."
  value       = local.generation
}
