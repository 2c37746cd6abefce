# The names of one instance within RDS's limits: 63 characters, a-z, 0-9 and single inner hyphens, first a letter. Injective:
# the prefix holds no hyphen, so the first one ends it; the letter after it tells a tenant's instance from any other; the rest
# is kept whole. So no two clusters meet in one identifier, and nothing is ever cut.
#
# The longest: 10 (prefix) + 3 (-t-) + 40 (tenant) + 2 (-g) = 55, which leaves 8 digits to the generation.
#
# libs/adapters/aws/src/identifier.ts says the same in TypeScript; a test holds the two together.
locals {
  dedicated  = try(regex("^dedicated-([a-z].*)-g([1-9][0-9]*)$", var.cluster_id), null)
  tenant_id  = try(local.dedicated[0], null)
  generation = try(tonumber(local.dedicated[1]), null)

  identifier = (
    local.dedicated == null
    ? "${var.prefix}-c-${var.cluster_id}"
    : "${var.prefix}-t-${local.tenant_id}-g${local.generation}"
  )
}
