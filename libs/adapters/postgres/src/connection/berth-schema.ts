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
];
