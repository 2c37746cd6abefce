# One subnet group for all instances: AWS allows 50 a region.
resource "aws_db_subnet_group" "databases" {
  name        = "${var.name_prefix}-${var.environment}"
  description = "Private subnets of the databases that Berth makes"
  subnet_ids  = var.subnet_ids
  tags        = local.tags
}

resource "aws_security_group" "database" {
  # checkov:skip=CKV2_AWS_5:It is attached to the instances that Berth makes, and to the shared cluster.
  name        = "${var.name_prefix}-${var.environment}-database"
  description = "PostgreSQL servers that Berth makes"
  vpc_id      = var.vpc_id
  tags        = merge(local.tags, { Name = "${var.name_prefix}-${var.environment}-database" })
}

resource "aws_security_group" "client" {
  # checkov:skip=CKV2_AWS_5:It is for the machines of Berth and of the product, which are not made here.
  name        = "${var.name_prefix}-${var.environment}-client"
  description = "May reach the PostgreSQL servers that Berth makes"
  vpc_id      = var.vpc_id
  tags        = merge(local.tags, { Name = "${var.name_prefix}-${var.environment}-client" })
}

resource "aws_vpc_security_group_ingress_rule" "from_client" {
  security_group_id            = aws_security_group.database.id
  referenced_security_group_id = aws_security_group.client.id
  description                  = "PostgreSQL from what bears the client group"
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  tags                         = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "from_others" {
  for_each = var.client_security_group_ids

  security_group_id            = aws_security_group.database.id
  referenced_security_group_id = each.value
  description                  = "PostgreSQL from ${each.value}"
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  tags                         = local.tags
}

resource "aws_vpc_security_group_egress_rule" "to_databases" {
  security_group_id            = aws_security_group.client.id
  referenced_security_group_id = aws_security_group.database.id
  description                  = "PostgreSQL servers that Berth makes"
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  tags                         = local.tags
}

# Logical replication between two of them. They reach nothing else.
resource "aws_vpc_security_group_ingress_rule" "from_each_other" {
  security_group_id            = aws_security_group.database.id
  referenced_security_group_id = aws_security_group.database.id
  description                  = "Replication between the servers"
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  tags                         = local.tags
}

resource "aws_vpc_security_group_egress_rule" "to_each_other" {
  security_group_id            = aws_security_group.database.id
  referenced_security_group_id = aws_security_group.database.id
  description                  = "Replication between the servers"
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  tags                         = local.tags
}
