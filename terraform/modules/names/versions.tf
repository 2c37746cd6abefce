terraform {
  # A validation that looks at another variable came with 1.9. No provider: nothing is made here.
  required_version = ">= 1.9"
}
