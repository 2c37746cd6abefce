import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { secretRefs, type Place, type TenantId, type TenantSecret } from '@berth/domain';
import pg from 'pg';
import type { World } from './world.js';

/** Rows that each test tenant has, with what makes a copy hard: a sequence, a key into another table, an index. */
export const seed = `
  CREATE TYPE mood AS ENUM ('calm', 'rough');
  CREATE TABLE port (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
  CREATE TABLE voyage (id serial PRIMARY KEY, port_id int NOT NULL REFERENCES port, sea mood, cargo jsonb, at timestamptz DEFAULT '2026-01-01Z');
  CREATE INDEX voyage_by_port ON voyage (port_id);
  INSERT INTO port (name) SELECT 'port ' || n FROM generate_series(1, 20) n;
  INSERT INTO voyage (port_id, sea, cargo) SELECT 1 + n % 20, 'calm', jsonb_build_object('n', n) FROM generate_series(1, 300) n;
`;

export async function secretOf(world: World, tenantId: TenantId): Promise<TenantSecret> {
  const stored = await world.tools.secrets.read(secretRefs.tenantDb(tenantId));
  if (stored === null) throw new Error(`tenant ${tenantId} has no secret`);
  return stored.document;
}

async function connected<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 30_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

export async function fill(world: World, tenantId: TenantId): Promise<void> {
  await connected((await secretOf(world, tenantId)).url, (client) => client.query(seed));
}

/** An acknowledged write. It has to be found exactly once, wherever the tenant is in the end. */
export async function write(world: World, tenantId: TenantId, name: string): Promise<void> {
  await connected((await secretOf(world, tenantId)).url, (client) =>
    client.query('INSERT INTO port (name) VALUES ($1)', [name]),
  );
}

/** Whether or not the tenant's logins are open, where the test knows the server. */
async function readerUrl(world: World, place: Place): Promise<string> {
  const server = world.servers[place.clusterId];
  return server?.superuserUrl(place.database) ?? (await secretOf(world, place.tenantId)).url;
}

/** All rows as one text, but those of writers, who write how much they can. */
export async function readContent(world: World, place: Place): Promise<string> {
  const url = await readerUrl(world, place);
  const ports = `${place.schema}.port p WHERE name !~ '^w[0-9]'`;
  const content = `SELECT coalesce((SELECT md5(string_agg(p::text, ';' ORDER BY id)) FROM ${ports}), 'none')
      || coalesce((SELECT md5(string_agg(v::text, ';' ORDER BY id)) FROM ${place.schema}.voyage v), 'none')`;
  const exists = `SELECT to_regclass('${place.schema}.voyage') IS NOT NULL`;
  return await connected(url, async (client) => {
    const ask = async (sql: string) => (await client.query<[unknown]>({ text: sql, rowMode: 'array' })).rows[0]?.[0];
    return (await ask(exists)) === true ? String(await ask(content)) : 'empty';
  });
}

const run = promisify(execFile);

/** The names of the tenant's ports, wherever its rows are: at its place, or in the dump that was made before it was dropped. */
export async function namesWritten(world: World, tenantId: TenantId): Promise<readonly string[]> {
  const place = await world.tools.placements.current(tenantId);
  if (place === null) return await namesInFinalDump(world, tenantId);
  return await connected(await readerUrl(world, place), async (client) => {
    const { rows } = await client.query<{ readonly name: string }>(`SELECT name FROM ${place.schema}.port`);
    return rows.map(({ name }) => name);
  });
}

async function namesInFinalDump(world: World, tenantId: TenantId): Promise<readonly string[]> {
  const dumps = await readdir(world.config.BERTH_DUMPS_DIR);
  const name = dumps.find((file) => file.startsWith(`final-${tenantId}-`) && !file.endsWith('.json'));
  if (name === undefined) throw new Error(`tenant ${tenantId} is nowhere, and there is no last dump of it`);
  const folder = path.join(world.config.BERTH_DUMPS_DIR, name);
  const program = path.join(world.servers['shared-1']!.bin, 'pg_restore');
  const { stdout } = await run(program, ['--data-only', '--table=port', '--file=-', folder]);
  return [...stdout.matchAll(/^\d+\t(.*)$/gm)].map(([, written = '']) => written);
}

/** Not permitted to log in, no such role or another password, no right, no such database or schema, and the fence. */
const refusals = ['28000', '28P01', '42501', '3D000', '3F000', '25006'];

/** Whether the tenant's login may write at this place. It tries, and takes the try back. */
export async function canWriteAt(world: World, secret: TenantSecret, place: Place): Promise<boolean> {
  const cluster = await world.tools.clusters.get(place.clusterId);
  if (cluster === null) return false;
  const url = new URL(secret.url);
  url.host = `${cluster.host}:${String(cluster.port)}`;
  try {
    return await connected(url.href, async (client) => {
      await client.query('BEGIN');
      const { rows } = await client.query<{ filled: boolean }>("SELECT to_regclass('port') IS NOT NULL AS filled");
      const filled = rows[0]?.filled === true;
      await client.query(filled ? "INSERT INTO port (name) VALUES ('a try')" : 'CREATE TABLE a_try ()');
      await client.query('ROLLBACK');
      return true;
    });
  } catch (error) {
    if (refusals.includes((error as { readonly code?: string }).code ?? '')) return false;
    throw error;
  }
}
