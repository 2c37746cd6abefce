/**
 * Berth's own objects in the tenants' database, as convergent DDL in the order in which it runs, by the admin, who owns them.
 * Nothing here is granted to PUBLIC or to a tenant. Add a table at the end; never change an entry's meaning.
 */
export const berthSchema: readonly { readonly object: string; readonly sql: string }[] = [
  { object: 'schema berth', sql: 'CREATE SCHEMA IF NOT EXISTS berth' },
  {
    object: 'table berth.operation_fence',
    // The highest lease number that acted on each tenant here. Rows outlive the tenant: a stale worker outlives it too.
    sql: `CREATE TABLE IF NOT EXISTS berth.operation_fence (
      tenant_id text PRIMARY KEY,
      fence bigint NOT NULL,
      operation_id text NOT NULL,
      seen_at timestamptz NOT NULL DEFAULT now()
    )`,
  },
  {
    object: 'table berth.moved',
    // The pivot of a move, one row a tenant that left: written by the transaction after which it lives elsewhere.
    sql: `CREATE TABLE IF NOT EXISTS berth.moved (
      tenant_id text PRIMARY KEY,
      generation bigint NOT NULL,
      operation_id text NOT NULL,
      at timestamptz NOT NULL DEFAULT now()
    )`,
  },
  {
    object: 'function berth.refuse_write()',
    // What the fence's triggers call. It reads nothing: an old snapshot could not see a flag that changed after it.
    sql: `CREATE OR REPLACE FUNCTION berth.refuse_write() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
      BEGIN
        RAISE EXCEPTION 'tenant moved' USING ERRCODE = '25006', DETAIL = 'generation ' || TG_ARGV[0],
          HINT = 'Resolve the tenant''s placement again and repeat the transaction there.';
      END $$`,
  },
  {
    object: 'table berth.claim',
    // Which operation made a tenant's schema and roles here: an undo drops what its own operation made, and nothing else.
    sql: `CREATE TABLE IF NOT EXISTS berth.claim (
      tenant_id text PRIMARY KEY,
      operation_id text NOT NULL,
      at timestamptz NOT NULL DEFAULT now()
    )`,
  },
  {
    object: 'table berth.adoption',
    // Tenants on trial: who owned what in an adopted schema and who held which right, until the adoption is confirmed.
    sql: `CREATE TABLE IF NOT EXISTS berth.adoption (
      tenant_id text PRIMARY KEY,
      operation_id text NOT NULL,
      before jsonb NOT NULL,
      at timestamptz NOT NULL DEFAULT now()
    )`,
  },
  {
    object: 'table berth.gate',
    // One row a tenant that is on its way here by a stream: whether its writes are let in yet.
    sql: `CREATE TABLE IF NOT EXISTS berth.gate (
      tenant_id text PRIMARY KEY,
      operation_id text NOT NULL,
      open boolean NOT NULL,
      at timestamptz NOT NULL DEFAULT now()
    )`,
  },
  {
    object: 'function berth.refuse_closed()',
    // What the gate's triggers call. As its owner, since no tenant may read the row; no row refuses as a closed one does.
    sql: `CREATE OR REPLACE FUNCTION berth.refuse_closed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      BEGIN
        IF NOT EXISTS (SELECT FROM berth.gate WHERE tenant_id = TG_ARGV[0] AND open) THEN
          RAISE EXCEPTION 'tenant moved' USING ERRCODE = '25006', DETAIL = 'generation ' || TG_ARGV[1],
            HINT = 'This place is not open yet: repeat the transaction in a moment.';
        END IF;
        RETURN NULL;
      END $$`,
  },
  {
    object: 'table berth.quiet_trigger',
    // Triggers of tenants that would fire for what a stream brings, and the mode that each was in before it was made quiet.
    sql: `CREATE TABLE IF NOT EXISTS berth.quiet_trigger (
      trigger oid PRIMARY KEY,
      stream text NOT NULL,
      mode text NOT NULL CHECK (mode IN ('A', 'R'))
    )`,
  },
  {
    object: 'column opened_lsn of berth.gate',
    // Where the log stood when the gate was opened: what clients write here comes after it, what a stream brought before it.
    // Looked for first: an ALTER that has nothing to do would wait for everybody who reads the gate all the same.
    sql: `DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'berth.gate'::regclass AND attname = 'opened_lsn') THEN
        ALTER TABLE berth.gate ADD COLUMN opened_lsn pg_lsn;
      END IF;
    END $$`,
  },
];
