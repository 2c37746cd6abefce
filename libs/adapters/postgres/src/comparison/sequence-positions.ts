import { type Connection, quoteLiteral, quoteQualified, serverMajor } from '../connection/index.js';

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
  return await positionsOf(client, { schema, oid: schemaOid }, await readSequences(client, schemaOid));
}

export async function readSequences(client: Connection, schemaOid: string): Promise<readonly Sequence[]> {
  const { rows } = await client.query<Sequence>(
    `SELECT c.relname AS name, s.seqincrement < 0 AS descending, s.seqincrement::text AS increment FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid
     WHERE c.relnamespace = $1::oid ORDER BY c.oid`,
    [schemaOid],
  );
  return rows;
}

/**
 * Of PostgreSQL 18 one look tells it of all, in a quarter of the time. `pg_sequence_last_value`, which older ones have too, would wait
 * behind an ALTER SEQUENCE that is not committed, and knows nothing of a sequence that was never called.
 */
export async function positionsOf(
  client: Connection,
  place: { readonly schema: string; readonly oid: string },
  known: readonly Sequence[],
): Promise<ReadonlyMap<string, Position>> {
  const seen = (await serverMajor(client)) >= 18 ? await lookAtAll(client, place.oid) : new Map<string, Stand>();
  // What nobody may see has no values there; reading it tells that it is refused.
  const unseen = known.filter(({ name }) => (seen.get(name)?.last ?? null) === null);
  const read = await readEach(client, place.schema, unseen);
  return new Map(
    known.flatMap((sequence) => {
      const stand = read.get(sequence.name) ?? seen.get(sequence.name);
      return stand === undefined ? [] : [[sequence.name, { ...sequence, ...stand }]];
    }),
  );
}

type Stand = Pick<Position, 'last' | 'called'>;

async function lookAtAll(client: Connection, schemaOid: string): Promise<ReadonlyMap<string, Stand>> {
  const { rows } = await client.query<{ name: string } & Stand>(
    `SELECT c.relname AS name, d.last_value::text AS last, d.is_called AS called
     FROM pg_class c CROSS JOIN LATERAL pg_get_sequence_data(c.oid) d
     WHERE c.relnamespace = $1::oid AND c.relkind = 'S'`,
    [schemaOid],
  );
  return new Map(rows.map(({ name, last, called }) => [name, { last, called }]));
}

async function readEach(
  client: Connection,
  schema: string,
  sequences: readonly Sequence[],
): Promise<ReadonlyMap<string, Stand>> {
  const stands = new Map<string, Stand>();
  for (let at = 0; at < sequences.length; at += sequencesAtOnce) {
    const some = sequences.slice(at, at + sequencesAtOnce);
    const branches = some.map(
      ({ name }, index) =>
        `SELECT ${String(index)} AS index, last_value::text AS last, is_called AS called FROM ${quoteQualified(schema, name)}`,
    );
    const { rows } = await client.query<{ index: number; last: string; called: boolean }>(branches.join(' UNION ALL '));
    for (const { index, last, called } of rows) {
      const sequence = some[index];
      if (sequence !== undefined) stands.set(sequence.name, { last, called });
    }
  }
  return stands;
}

/** Those of `wanted` that stand elsewhere in `found`, or are not there. */
export function standElsewhere(
  wanted: ReadonlyMap<string, Position>,
  found: ReadonlyMap<string, Position>,
): readonly Position[] {
  return [...wanted.values()].filter(({ name, last, called }) => {
    const there = found.get(name);
    return last !== there?.last || called !== there.called;
  });
}

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
