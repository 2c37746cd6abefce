terraform {
  # terraform_data came with 1.4. It is built in: this module needs no provider and no network.
  required_version = ">= 1.4"
}
