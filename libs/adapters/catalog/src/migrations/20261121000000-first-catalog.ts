import type { MigrationInterface, QueryRunner } from 'typeorm';

const plansAndClusters = /* sql */ `
  CREATE TABLE berth.plans (
    name text COLLATE "C" PRIMARY KEY,
    tier text NOT NULL CHECK (tier IN ('shared', 'dedicated')),
    connection_limit integer NOT NULL CHECK (connection_limit >= 1),
    statement_timeout_ms integer NOT NULL CHECK (statement_timeout_ms >= 0),
    idle_in_transaction_timeout_ms integer NOT NULL CHECK (idle_in_transaction_timeout_ms >= 0),
    description text NOT NULL,
    version integer NOT NULL DEFAULT 1
  );

  CREATE TABLE berth.clusters (
    id text COLLATE "C" PRIMARY KEY,
    tier text NOT NULL CHECK (tier IN ('shared', 'dedicated')),
    state text NOT NULL CHECK (state IN ('active', 'cordoned', 'retired')),
    host text NOT NULL,
    port integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
    ssl_mode text NOT NULL CHECK (ssl_mode IN ('disable', 'require', 'verify-full')),
    database_name text NOT NULL,
    postgres_major integer NOT NULL,
    labels jsonb NOT NULL,
    max_tenants integer CHECK (max_tenants >= 0),
    max_operations integer NOT NULL CHECK (max_operations >= 1),
    managed boolean NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz(3) NOT NULL DEFAULT now()
  );
`;

/** "C" collation: ids are ASCII, their order must not depend on the server's locale, and prefixes can use the index. */
const tenants = /* sql */ `
  CREATE TABLE berth.tenants (
    id text COLLATE "C" PRIMARY KEY,
    state text NOT NULL
      CHECK (state IN ('provisioning', 'ready', 'suspended', 'quarantined', 'removing', 'removed', 'failed')),
    reason text,
    plan text COLLATE "C" NOT NULL REFERENCES berth.plans (name),
    constraints jsonb NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    quarantined_until timestamptz(3),
    -- Hash of all migrations that the ledger holds for the tenant, so that "who is behind" is one index scan.
    migrations_digest text COLLATE "C" NOT NULL DEFAULT encode(sha256(''), 'hex')
  );
  CREATE INDEX tenants_by_state ON berth.tenants (state, id);
  CREATE INDEX tenants_by_plan ON berth.tenants (plan, id);
  CREATE INDEX tenants_due_for_removal ON berth.tenants (quarantined_until) WHERE state = 'quarantined';
  CREATE INDEX tenants_by_migrations ON berth.tenants (migrations_digest, id) WHERE state IN ('ready', 'suspended');
`;

/** No foreign key to clusters: a dedicated one is reserved before it is made, and history outlives a removed one. */
const placements = /* sql */ `
  CREATE TABLE berth.placements (
    tenant_id text COLLATE "C" NOT NULL REFERENCES berth.tenants (id),
    generation integer NOT NULL CHECK (generation >= 1),
    state text NOT NULL CHECK (state IN ('preparing', 'current', 'previous', 'retired')),
    tier text NOT NULL CHECK (tier IN ('shared', 'dedicated')),
    cluster_id text COLLATE "C" NOT NULL,
    database_name text NOT NULL,
    schema_name text NOT NULL,
    owner_role text NOT NULL,
    login_a text NOT NULL,
    login_b text NOT NULL,
    operation_id text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    ended_at timestamptz(3),
    PRIMARY KEY (tenant_id, generation)
  );
  CREATE UNIQUE INDEX placements_one_current ON berth.placements (tenant_id) WHERE state = 'current';
  CREATE UNIQUE INDEX placements_one_schema ON berth.placements (cluster_id, schema_name) WHERE state <> 'retired';
  CREATE INDEX placements_on_cluster ON berth.placements (cluster_id, tenant_id) WHERE state <> 'retired';
`;

/**
 * `due_at` is the one time that the sweep asks for: when a lease runs out, a wait ends, or at once. `needs-operator` is not
 * ended: it keeps the tenant's place in `operations_one_open` until a person retries or cancels.
 */
const operations = /* sql */ `
  CREATE SEQUENCE berth.lease_fence AS bigint;
  CREATE TABLE berth.operations (
    id text COLLATE "C" PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    saga text NOT NULL,
    saga_version integer NOT NULL,
    tenant_id text COLLATE "C" NOT NULL REFERENCES berth.tenants (id),
    cluster_ids text[] NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK
      (state IN ('queued', 'running', 'waiting', 'undoing', 'needs-operator', 'succeeded', 'cancelled', 'failed')),
    direction text NOT NULL DEFAULT 'forward' CHECK (direction IN ('forward', 'undo')),
    reason text,
    error jsonb,
    -- Why it turned back; kept apart from error, which an undo that fails overwrites.
    turn_error jsonb,
    input jsonb NOT NULL,
    result jsonb,
    requested_by text NOT NULL,
    cancel_requested_at timestamptz(3),
    next_attempt_at timestamptz(3),
    lease_owner text,
    lease_fence bigint NOT NULL DEFAULT 0,
    lease_until timestamptz(3),
    revision bigint NOT NULL DEFAULT 1,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    started_at timestamptz(3),
    ended_at timestamptz(3),
    due_at timestamptz(3) GENERATED ALWAYS AS (
      CASE
        WHEN state IN ('running', 'undoing') THEN lease_until
        WHEN state IN ('queued', 'waiting') THEN coalesce(next_attempt_at, created_at)
      END
    ) STORED
  );
  CREATE UNIQUE INDEX operations_one_open ON berth.operations (tenant_id)
    WHERE state IN ('queued', 'running', 'waiting', 'undoing', 'needs-operator');
  CREATE INDEX operations_due ON berth.operations (due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX operations_leased ON berth.operations (lease_until) WHERE state IN ('running', 'undoing');
  CREATE UNIQUE INDEX operations_newest ON berth.operations (seq);
  CREATE INDEX operations_of_tenant ON berth.operations (tenant_id, seq);
  CREATE INDEX operations_by_state ON berth.operations (state, seq);
  CREATE INDEX operations_by_kind ON berth.operations (kind, seq);
  CREATE INDEX operations_by_kind_and_state ON berth.operations (kind, state, seq);

  CREATE TABLE berth.operation_steps (
    operation_id text COLLATE "C" NOT NULL REFERENCES berth.operations (id) ON DELETE CASCADE,
    number integer NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    point_of_no_return boolean NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'started', 'done', 'undo-started', 'undone')),
    attempts integer NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    output jsonb,
    progress jsonb,
    error jsonb,
    started_at timestamptz(3),
    ended_at timestamptz(3),
    PRIMARY KEY (operation_id, number),
    UNIQUE (operation_id, name)
  );
`;

const moves = /* sql */ `
  CREATE TABLE berth.moves (
    id text COLLATE "C" PRIMARY KEY REFERENCES berth.operations (id),
    seq bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id text COLLATE "C" NOT NULL REFERENCES berth.tenants (id),
    strategy text NOT NULL CHECK (strategy IN ('online', 'dump')),
    direction text NOT NULL CHECK (direction IN ('promote', 'demote', 'relocate')),
    switch_mode text NOT NULL CHECK (switch_mode IN ('auto', 'manual')),
    state text NOT NULL DEFAULT 'preflight',
    reason text,
    from_generation integer NOT NULL,
    to_generation integer NOT NULL,
    from_cluster_id text COLLATE "C" NOT NULL,
    to_cluster_id text COLLATE "C" NOT NULL,
    switch_requested_at timestamptz(3),
    switched_at timestamptz(3),
    write_pause_ms double precision,
    comparison jsonb,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    ended_at timestamptz(3)
  );
  CREATE UNIQUE INDEX moves_one_open ON berth.moves (tenant_id) WHERE state NOT IN ('completed', 'cancelled', 'reversed');
  CREATE INDEX moves_open ON berth.moves (seq) WHERE state NOT IN ('completed', 'cancelled', 'reversed');
  CREATE UNIQUE INDEX moves_newest ON berth.moves (seq);
  CREATE INDEX moves_of_tenant ON berth.moves (tenant_id, seq);
`;

/** The head holds what the newest entry must be: without it, entries cut off the end would leave a chain that fits. */
const access = /* sql */ `
  CREATE TABLE berth.api_keys (
    id text COLLATE "C" PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    hash text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    scopes text[] NOT NULL,
    tenant_id text COLLATE "C",
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    expires_at timestamptz(3),
    last_used_at timestamptz(3),
    revoked_at timestamptz(3)
  );

  CREATE TABLE berth.audit_log (
    number bigint PRIMARY KEY,
    at timestamptz(3) NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    tenant_id text COLLATE "C",
    object text NOT NULL,
    origin text,
    answer text NOT NULL,
    operation_id text COLLATE "C",
    hash text NOT NULL
  );
  CREATE INDEX audit_log_of_tenant ON berth.audit_log (tenant_id, number);
  CREATE INDEX audit_log_of_actor ON berth.audit_log (actor, number);
  CREATE TABLE berth.audit_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    number bigint NOT NULL,
    hash text NOT NULL
  );
  INSERT INTO berth.audit_head (number, hash) VALUES (0, '');

  -- json, not jsonb: an answer given again keeps the order of its fields.
  CREATE TABLE berth.idempotency_keys (
    owner text NOT NULL,
    key text NOT NULL,
    request_hash text NOT NULL,
    status integer,
    headers json,
    body json,
    locked_until timestamptz(3) NOT NULL,
    expires_at timestamptz(3) NOT NULL,
    PRIMARY KEY (owner, key)
  );
  CREATE INDEX idempotency_keys_expiry ON berth.idempotency_keys (expires_at);
`;

const ledger = /* sql */ `
  CREATE TABLE berth.migration_ledger (
    tenant_id text COLLATE "C" NOT NULL REFERENCES berth.tenants (id),
    version text COLLATE "C" NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz(3) NOT NULL,
    ms double precision NOT NULL,
    PRIMARY KEY (tenant_id, version)
  );
  CREATE TABLE berth.migration_failures (
    tenant_id text COLLATE "C" PRIMARY KEY REFERENCES berth.tenants (id),
    version text NOT NULL,
    message text NOT NULL,
    at timestamptz(3) NOT NULL
  );
`;

/** Timeouts in ms. A dedicated tenant has its server to itself: its limits only stop runaways. */
const seededPlans = /* sql */ `
  INSERT INTO berth.plans
    (name, tier, connection_limit, statement_timeout_ms, idle_in_transaction_timeout_ms, description)
  VALUES
    ('free', 'shared', 5, 10000, 10000, 'To try things out: a schema of its own, tight limits.'),
    ('starter', 'shared', 10, 30000, 30000, 'A small team: a schema of its own.'),
    ('pro', 'shared', 25, 60000, 60000, 'Daily business: a schema of its own, wide limits.'),
    ('enterprise', 'dedicated', 200, 300000, 300000, 'A PostgreSQL server of its own.')
`;

export class FirstCatalog20261121000000 implements MigrationInterface {
  // TypeORM orders migrations by the time in ms at the end of their name.
  readonly name = 'FirstCatalog1795219200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [plansAndClusters, tenants, placements, operations, moves, access, ledger, seededPlans]) {
      await runner.query(sql);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE berth.migration_failures, berth.migration_ledger, berth.idempotency_keys, berth.audit_head,
        berth.audit_log, berth.api_keys, berth.moves, berth.operation_steps, berth.operations, berth.placements,
        berth.tenants, berth.clusters, berth.plans;
      DROP SEQUENCE berth.lease_fence;
    `);
  }
}
