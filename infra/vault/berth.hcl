# What Berth needs of Vault, and nothing else. KV version 2 at secret/; for another mount or a prefix, change the paths:
# secret/data/tenants/* becomes <mount>/data/<prefix>/tenants/*.

# What products read (tenants/<id>/db), and the passwords of tenants' logins (tenants/<id>/logins).
path "secret/data/tenants/*" {
  capabilities = ["create", "update", "read", "delete"]
}
path "secret/metadata/tenants/*" {
  capabilities = ["create", "update", "read", "list", "delete"]
}

# Berth's own login on each cluster (clusters/<id>/admin), and the one for streams on PostgreSQL 15 (clusters/<id>/streams).
path "secret/data/clusters/*" {
  capabilities = ["create", "update", "read", "delete"]
}
path "secret/metadata/clusters/*" {
  capabilities = ["create", "update", "read", "list", "delete"]
}

# The login of each pooler's admin console (poolers/<id>/admin).
path "secret/data/poolers/*" {
  capabilities = ["create", "update", "read", "delete"]
}
path "secret/metadata/poolers/*" {
  capabilities = ["create", "update", "read", "list", "delete"]
}

# The names of what lies at the top of the mount, for reading back that nothing is left.
path "secret/metadata/" {
  capabilities = ["list"]
}

# Its own token, in case the role has no default policy: keep it alive, and see what it may do.
path "auth/token/lookup-self" {
  capabilities = ["read"]
}
path "auth/token/renew-self" {
  capabilities = ["update"]
}
path "sys/capabilities-self" {
  capabilities = ["update"]
}
