# The server itself. Nothing here ever replaces it: a changed input is an update without a provisioner, since a replacement
# would run the destroy provisioner first, and the tenant's data with it.
#
# The programs come by environment, not by variable: a destroy provisioner sees only what the state holds, and the paths of
# the version that made the instance may be gone by the time that it is destroyed.
resource "terraform_data" "instance" {
  input = {
    cluster_id = var.cluster_id
    tenant_id  = var.tenant_id
    folder     = var.folder
    labels     = var.labels
  }

  # `exec`: the program is Terraform's own child then, and an interrupt reaches it instead of a shell.
  provisioner "local-exec" {
    command = "exec \"$${BERTH_NODE:?}\" \"$${BERTH_LOCAL_INSTANCE:?}\" create --purpose dedicated --dir \"$BERTH_FOLDER\""
    environment = {
      BERTH_FOLDER           = self.input.folder
      BERTH_ADMIN_VERIFIER   = ""
      BERTH_STREAMS_VERIFIER = ""
    }
  }

  # Terraform skips this for a tainted resource, that is one whose creation failed: `terraform untaint` it first.
  provisioner "local-exec" {
    when    = destroy
    command = "exec \"$${BERTH_NODE:?}\" \"$${BERTH_LOCAL_INSTANCE:?}\" destroy --dir \"$BERTH_FOLDER\""
    environment = {
      BERTH_FOLDER           = self.input.folder
      BERTH_ADMIN_VERIFIER   = ""
      BERTH_STREAMS_VERIFIER = ""
    }
  }
}

# The admin login, and beside it the one for streams, whose verifier comes by BERTH_STREAMS_VERIFIER. It is replaced, which only makes its provisioner run again, whenever a new verifier is to be set. The
# verifier stays in the environment: neither it nor anything derived from it comes into the state.
resource "terraform_data" "admin" {
  triggers_replace = [terraform_data.instance.id, var.admin_revision]

  input = {
    folder   = terraform_data.instance.output.folder
    username = var.admin_username
  }

  provisioner "local-exec" {
    command = "test -n \"$${BERTH_ADMIN_VERIFIER:?}\" && exec \"$${BERTH_NODE:?}\" \"$${BERTH_LOCAL_INSTANCE:?}\" create --dir \"$BERTH_FOLDER\" --admin \"$BERTH_ADMIN\""
    environment = {
      BERTH_FOLDER = self.input.folder
      BERTH_ADMIN  = self.input.username
    }
  }
}
