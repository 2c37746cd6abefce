import { type Connection, quoteLiteral, quoteQualified } from '../connection/index.js';

export interface Sequence {
  readonly name: string;
  readonly descending: boolean;
  /** As text: it may be beyond what a number holds exactly. Below 0 for a descending one. */
  readonly increment: string;
}

export interface Position extends Sequence {
  readonly last: string;
  readonly called: boolean;
}

/** Sequences read by one statement; hundreds of branches of a UNION would only make it slower to plan. */
const sequencesAtOnce = 100;

export async function readPositions(
  client: Connection,
  schema: string,
  schemaOid: string,
): Promise<ReadonlyMap<string, Position>> {
  return await positionsOf(client, schema, await readSequences(client, schemaOid));
}

export async function readSequences(client: Connection, schemaOid: string): Promise<readonly Sequence[]> {
  const { rows } = await client.query<Sequence>(
    `SELECT c.relname AS name, s.seqincrement < 0 AS descending, s.seqincrement::text AS increment FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid
     WHERE c.relnamespace = $1::oid ORDER BY c.oid`,
    [schemaOid],
  );
  return rows;
}

export async function positionsOf(
  client: Connection,
  schema: string,
  known: readonly Sequence[],
): Promise<ReadonlyMap<string, Position>> {
  const positions = new Map<string, Position>();
  for (let at = 0; at < known.length; at += sequencesAtOnce) {
    const some = known.slice(at, at + sequencesAtOnce);
    const branches = some.map(
      ({ name }, index) =>
        `SELECT ${String(index)} AS index, last_value::text AS last, is_called AS called FROM ${quoteQualified(schema, name)}`,
    );
    const { rows } = await client.query<{ index: number; last: string; called: boolean }>(branches.join(' UNION ALL '));
    for (const { index, last, called } of rows) {
      const sequence = some[index];
      if (sequence !== undefined) positions.set(sequence.name, { ...sequence, last, called });
    }
  }
  return positions;
}

/**
 * Those of the schema that may stand elsewhere than `known` says, where they stand now. One look at all of them takes a tenth of
 * the time that it takes to read them; what it does not tell of one that was never called, is read.
 */
export async function positionsMoved(
  client: Connection,
  { schema, oid }: { readonly schema: string; readonly oid: string },
  known: ReadonlyMap<string, Position>,
): Promise<readonly Position[]> {
  const { rows } = await client.query<{ name: string; last: string | null }>(
    `SELECT c.relname AS name, pg_sequence_last_value(c.oid)::text AS last FROM pg_class c
     WHERE c.relnamespace = $1::oid AND c.relkind = 'S'`,
    [oid],
  );
  const now = new Map(rows.map(({ name, last }) => [name, last]));
  const all = [...known.values()];
  const uncalled = await positionsOf(
    client,
    schema,
    all.filter(({ name }) => (now.get(name) ?? null) === null),
  );
  const found = all.map((before) => {
    const last = now.get(before.name) ?? null;
    return last === null ? (uncalled.get(before.name) ?? before) : { ...before, last, called: true };
  });
  return found.filter((one) => !isSame(one, known.get(one.name)));
}

const isSame = (one: Position, other: Position | undefined): boolean =>
  one.last === other?.last && one.called === other.called;

export function setPositionSql(schema: string, { name, last, called }: Position): string {
  return `SELECT setval(${quoteLiteral(quoteQualified(schema, name))}, ${quoteLiteral(last)}::bigint, ${String(called)})`;
}

/** Whether the next value of `one` would come before that of `other`, and could so be given out twice. */
export function isBefore(one: Position, other: Position): boolean {
  const [left, right] = [BigInt(one.last), BigInt(other.last)];
  if (left === right) return !one.called && other.called;
  return one.descending ? left > right : left < right;
}

/** How many numbers have to be taken from `one` until it gives out none that `other` has given out. */
export function stepsBehind(one: Position, other: Position): bigint {
  const increment = BigInt(one.increment);
  const nextOf = ({ last, called }: Position): bigint => BigInt(last) + (called ? increment : 0n);
  const [missing, by] = [nextOf(other) - nextOf(one), increment];
  const steps = missing / by;
  return steps < 0n ? 0n : steps * by === missing ? steps : steps + 1n;
}
