import type { ReplicationStream } from '@berth/domain';
import { schemaOid } from '../comparison/definitions.js';
import { hasQuietTriggers, quietMode } from '../comparison/quiet-modes.js';
import { asMember, berthSchema, type Connection, quoteIdent, quoteQualified } from '../connection/index.js';
import { lockTables } from '../fence/lock-tables.js';
import { lateTrigger } from './late-tables.js';

/**
 * Triggers of the tenant's that fire for what a stream brings (ENABLE ALWAYS, ENABLE REPLICA). What such a one does was done at the other end already,
 * and comes by the stream itself: it would be done twice. So they stand quiet at the end that applies as long as it applies: in the mode that is the
 * same to every client, and that a stream passes over. `berth.quiet_trigger` has what each was, and definitions are read as if it still were.
 */
interface FiringTrigger {
  readonly oid: string;
  readonly table: string;
  readonly name: string;
  readonly mode: FiringMode;
}

type FiringMode = 'A' | 'R';

const words = {
  A: { quiet: 'ENABLE', loud: 'ENABLE ALWAYS' },
  R: { quiet: 'DISABLE', loud: 'ENABLE REPLICA' },
} as const satisfies Record<FiringMode, unknown>;

export async function readFiringTriggers(client: Connection, oid: string): Promise<readonly FiringTrigger[]> {
  const { rows } = await client.query<FiringTrigger>(
    `SELECT t.oid::text, c.relname AS table, t.tgname AS name, t.tgenabled::text AS mode
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
     WHERE c.relnamespace = $1::oid AND NOT t.tgisinternal AND t.tgname <> $2 AND t.tgenabled IN ('A', 'R') ORDER BY 2, 3`,
    [oid, lateTrigger],
  );
  return rows;
}

/** Inside the transaction that lets the worker begin. Convergent. */
export async function quietTriggers(client: Connection, stream: ReplicationStream): Promise<void> {
  const firing = await readFiringTriggers(client, await schemaOid(client, stream.to));
  if (firing.length === 0) return;
  if (!(await hasQuietTriggers(client))) for (const { sql } of berthSchema) await client.query(sql);
  for (const { oid, mode } of firing)
    await client.query(
      `INSERT INTO berth.quiet_trigger (trigger, stream, mode) VALUES ($1, $2, $3)
       ON CONFLICT (trigger) DO UPDATE SET stream = excluded.stream, mode = excluded.mode`,
      [oid, stream.name, mode],
    );
  await setModes(client, stream, firing, 'quiet');
}

/** Once nothing comes by the stream any more, and last in its transaction, as it locks the tables. What was dropped meanwhile, or set otherwise, stays as it is. Convergent. */
export async function wakeTriggers(client: Connection, stream: ReplicationStream): Promise<void> {
  if (!(await hasQuietTriggers(client))) return;
  const { rows } = await client.query<FiringTrigger>(
    `SELECT t.oid::text, c.relname AS table, t.tgname AS name, q.mode
     FROM berth.quiet_trigger q JOIN pg_trigger t ON t.oid = q.trigger JOIN pg_class c ON c.oid = t.tgrelid
     WHERE q.stream = $1 AND t.tgenabled::text = ${quietMode} ORDER BY 2, 3`,
    [stream.name],
  );
  await setModes(client, stream, rows, 'loud');
  await client.query('DELETE FROM berth.quiet_trigger WHERE stream = $1', [stream.name]);
}

export async function countQuiet(client: Connection, { name }: ReplicationStream): Promise<number> {
  if (!(await hasQuietTriggers(client))) return 0;
  const { rows } = await client.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM berth.quiet_trigger WHERE stream = $1',
    [name],
  );
  return rows[0]?.n ?? 0;
}

/** ONLY: each partition has a trigger of its own, with a mode of its own. */
async function setModes(
  client: Connection,
  { to }: ReplicationStream,
  triggers: readonly FiringTrigger[],
  how: 'quiet' | 'loud',
): Promise<void> {
  if (triggers.length === 0) return;
  const statements = triggers.map(
    ({ table, name, mode }) =>
      `ALTER TABLE ONLY ${quoteQualified(to.schema, table)} ${words[mode][how]} TRIGGER ${quoteIdent(name)}`,
  );
  const tables = [...new Set(triggers.map(({ table }) => table))].map((name) => ({ name }));
  await asMember(client, [to.ownerRole], async () => {
    // Whoever writes after us waits as long behind us.
    await lockTables(client, to, tables, 500);
    await client.query(statements.join('; '));
  });
}
