# A server that keeps its data and comes up sealed. Without TLS: the network it is in leaves this machine by no way.
storage "raft" {
  path    = "/vault/file"
  node_id = "vault-1"
}

listener "tcp" {
  address     = "0.0.0.0:8200"
  tls_disable = true
}

api_addr     = "http://vault:8200"
cluster_addr = "https://vault:8201"

# Raft keeps its data in memory that is mapped from files, which locking would hold back.
disable_mlock = true
ui            = false
