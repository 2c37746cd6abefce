import { createHash } from 'node:crypto';
import { BerthError, type Difference, type Place } from '@berth/domain';
import type { Connection } from '../connection/index.js';
import { definitionsQuery } from './definition-queries.js';
import { readQuietModes } from './quiet-modes.js';

export interface Definition {
  readonly kind: Difference['kind'];
  readonly object: string;
  readonly definition: string;
}

/** @throws BerthError `database-error` when the schema is not there. */
export async function schemaOid(client: Connection, place: Place): Promise<string> {
  const { rows } = await client.query<{ oid: string }>('SELECT oid::text FROM pg_namespace WHERE nspname = $1', [
    place.schema,
  ]);
  const oid = rows[0]?.oid;
  if (oid === undefined) {
    throw new BerthError('database-error', `There is no schema ${place.schema} in cluster ${place.clusterId}.`, {
      hint: 'Repair the tenant, or check that the cluster holds it.',
    });
  }
  return oid;
}

/** Definitions of everything in the schema, as the tenant knows them. The connection's search_path must be `pg_catalog` alone. */
export async function readDefinitions(
  client: Connection,
  place: Place,
  options: { readonly withMaintain: boolean },
): Promise<readonly Definition[]> {
  const oid = await schemaOid(client, place);
  const { rows } = await client.query<Definition>(definitionsQuery, [oid, place.ownerRole, options.withMaintain]);
  const quiet = await readQuietModes(client, oid);
  return rows.map((row) => {
    const mode = row.kind === 'trigger' ? quiet.get(row.object) : undefined;
    return mode === undefined ? row : { ...row, definition: mode + row.definition.slice(1) };
  });
}

/** SHA-256 over the definitions, hex. The same on two servers for the same schema. */
export function fingerprintOf(definitions: readonly Definition[]): string {
  const hash = createHash('sha256');
  for (const { kind, object, definition } of definitions)
    hash.update(`${JSON.stringify([kind, object, definition])}\n`);
  return hash.digest('hex');
}

/** What a table's loss takes with it; naming each of these too would bury the table's own line. */
const partsOfTables: ReadonlySet<string> = new Set(['column', 'constraint', 'index', 'trigger', 'policy']);

export function compareDefinitions(
  source: readonly Definition[],
  target: readonly Definition[],
): readonly Difference[] {
  const onSource = byName(source);
  const onTarget = byName(target);
  const lost = [...onSource.values(), ...onTarget.values()].filter(
    (one) => one.kind === 'table' && onSource.has(nameOf(one)) !== onTarget.has(nameOf(one)),
  );
  const differences: Difference[] = [];
  for (const [name, { kind, object, definition }] of onSource) {
    const other = onTarget.get(name);
    if (other === undefined) differences.push({ kind, object, message: `${kind} ${object} is missing on the target` });
    else if (other.definition !== definition) {
      differences.push({
        kind,
        object,
        message: `${kind} ${object} differs: ${firstDifference(definition, other.definition)}`,
      });
    }
  }
  for (const [name, { kind, object }] of onTarget) {
    if (!onSource.has(name)) differences.push({ kind, object, message: `${kind} ${object} is on the target only` });
  }
  return differences.filter((one) => !lost.some((table) => belongsTo(one, table.object)));
}

function belongsTo(one: Difference, table: string): boolean {
  if (partsOfTables.has(one.kind)) return one.object.startsWith(`${table}.`);
  if (one.kind === 'owner') return one.object === `table ${table}`;
  return one.kind === 'grant' && one.object.startsWith(`table ${table} to `);
}

function nameOf({ kind, object }: { readonly kind: string; readonly object: string }): string {
  return `${kind}\0${object}`;
}

function byName(definitions: readonly Definition[]): ReadonlyMap<string, Definition> {
  return new Map(definitions.map((one) => [nameOf(one), one]));
}

/** Both texts around the place where they part: a function's body can be long. */
function firstDifference(source: string, target: string): string {
  let at = 0;
  while (at < source.length && source[at] === target[at]) at += 1;
  const from = Math.max(0, at - 30);
  const cut = (text: string): string => {
    const piece = text.slice(from, at + 90).replace(/\s+/g, ' ');
    return `${from > 0 ? '…' : ''}${piece}${text.length > at + 90 ? '…' : ''}`;
  };
  return `${JSON.stringify(cut(source))} on the source, ${JSON.stringify(cut(target))} on the target`;
}
