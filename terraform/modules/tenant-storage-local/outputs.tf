locals {
  # Written by the server's creation and by each start; unknown while the instance is planned, absent when its data is lost.
  server = try(jsondecode(file("${terraform_data.admin.output.folder}/server.json")), null)
}

output "cluster_id" {
  description = "Name of the instance."
  value       = terraform_data.instance.output.cluster_id
}

output "folder" {
  description = "Folder that holds the server."
  value       = terraform_data.instance.output.folder
}

output "host" {
  description = "Address on which the server listens."
  value       = "127.0.0.1"
}

output "port" {
  description = "Port on which the server listened when this was last applied; null when its data is not there."
  value       = try(local.server.port, null)
}

output "postgres_major" {
  description = "Major version of the server's data; null when its data is not there."
  value       = try(local.server.major, null)
}

output "admin_username" {
  description = "Name of the admin login."
  value       = terraform_data.admin.output.username
}

output "labels" {
  description = "Labels of the cluster."
  value       = terraform_data.instance.output.labels
}
