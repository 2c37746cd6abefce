import type { TestPostgres } from '@berth/testing';
import type { Place } from '@berth/domain';

/** Bytes of one row with what PostgreSQL adds to it, roughly: what a wanted size is divided by. */
const bytesOfEvent = 320;

const tables = `
  CREATE TABLE customer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE, since date NOT NULL);
  CREATE TABLE purchase (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer,
    placed_at timestamptz NOT NULL, total numeric(12, 2) NOT NULL, note text);
  CREATE INDEX ON purchase (customer_id, placed_at);
  CREATE TABLE event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer,
    happened_at timestamptz NOT NULL, weight float8 NOT NULL, payload jsonb NOT NULL, body text NOT NULL);
  CREATE INDEX ON event (happened_at);
  CREATE TABLE document (
    id uuid PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer, title text NOT NULL, content bytea NOT NULL)`;

/** `share` of the size in one big table of narrow rows, the rest in rows of other shapes, as products have them. Repeatable. */
function fill(megabytes: number, share: number): string {
  const bytes = megabytes * 1_048_576;
  const events = Math.round((bytes * share) / bytesOfEvent);
  const purchases = Math.round((bytes * (1 - share) * 0.5) / 110);
  const documents = Math.round((bytes * (1 - share) * 0.3) / 1_150);
  const customers = Math.max(100, Math.round(events / 100));
  return `
    INSERT INTO customer (name, email, since)
      SELECT 'Customer ' || n, 'c' || n || '@example.com', date '2020-01-01' + n % 2000 FROM generate_series(1, ${String(customers)}) n;
    INSERT INTO purchase (customer_id, placed_at, total, note)
      SELECT 1 + n % ${String(customers)}, timestamptz '2024-01-01 00:00Z' + n * interval '7 seconds', n % 100000 / 100.0, md5(n::text)
      FROM generate_series(1, ${String(purchases)}) n;
    INSERT INTO event (customer_id, happened_at, weight, payload, body)
      SELECT 1 + n % ${String(customers)}, timestamptz '2024-01-01 00:00Z' + n * interval '1 second', sin(n),
        jsonb_build_object('kind', n % 17, 'ref', md5(n::text), 'ok', n % 3 = 0), repeat(md5((n + 1)::text), 4)
      FROM generate_series(1, ${String(events)}) n;
    INSERT INTO document (id, customer_id, title, content)
      SELECT md5(n::text)::uuid, 1 + n % ${String(customers)}, 'Document ' || n,
        (SELECT string_agg(decode(md5((n * 64 + k)::text), 'hex'), ''::bytea) FROM generate_series(1, 64) k)
      FROM generate_series(1, ${String(documents)}) n`;
}

/**
 * Fills the tenant's schema to about that size, indexes included, and answers the bytes of its tables alone. `share`: how much of it
 * is in one table.
 */
export async function fillTenant(server: TestPostgres, place: Place, megabytes: number, share = 0.5): Promise<number> {
  const asOwner = `SET ROLE ${place.ownerRole}; SET search_path = ${place.schema};`;
  await server.psql(
    `${asOwner} ${tables}; ${fill(megabytes, share)}; RESET ROLE; VACUUM ANALYZE; CHECKPOINT`,
    place.database,
  );
  return tableBytes(server, place);
}

/** Rows and their TOAST, without indexes and free space maps: what has to be read, not what lies on the disk. */
export async function tableBytes(server: TestPostgres, { schema, database }: Place): Promise<number> {
  const sql = `SELECT sum(pg_relation_size(oid) + coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0))
    FROM pg_class WHERE relnamespace = '${schema}'::regnamespace AND relkind = 'r'`;
  return Number(await server.psql(sql, database));
}
