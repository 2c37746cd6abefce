# What the product's services of one tenant may do: read where its data is, and with which login. Put the tenant's id in
# the place of TENANT.
path "secret/data/tenants/TENANT/db" {
  capabilities = ["read"]
}
