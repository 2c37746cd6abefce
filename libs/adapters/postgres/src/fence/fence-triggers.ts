import type { Place } from '@berth/domain';
import { type Connection, quoteIdent, quoteLiteral, quoteQualified } from '../connection/index.js';
import { fencedTablesQuery, fenceTrigger } from './fence-queries.js';

export interface FencedTable {
  readonly name: string;
  /** State of the trigger of the fence's name; null: there is none. */
  readonly enabled: string | null;
  /** Whether that trigger is the fence, of the generation that was asked for. */
  readonly genuine: boolean;
}

export async function readTables(
  client: Connection,
  schemaOid: string,
  generation?: number,
): Promise<readonly FencedTable[]> {
  const wanted = generation === undefined ? null : String(generation);
  const { rows } = await client.query<FencedTable>(fencedTablesQuery, [schemaOid, wanted]);
  return rows;
}

/**
 * All in one message of one transaction. CREATE TRIGGER makes an enabled trigger: in a transaction of its own it would refuse
 * the tenant's writes until the second one disabled it.
 */
export async function createTriggers(
  client: Connection,
  place: Place,
  tables: readonly FencedTable[],
  generation: number,
  state: 'enabled' | 'disabled',
): Promise<void> {
  const statements = tables.flatMap(({ name }) => {
    const table = quoteQualified(place.schema, name);
    const create = `CREATE OR REPLACE TRIGGER ${fenceTrigger} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION berth.refuse_write(${quoteLiteral(String(generation))})`;
    // On a partitioned table without ONLY it would ask every partition for a trigger of that name.
    return [create, `ALTER TABLE ONLY ${table} ${state === 'enabled' ? 'ENABLE' : 'DISABLE'} TRIGGER ${fenceTrigger}`];
  });
  if (statements.length > 0) await client.query(statements.join(';\n'));
}

export async function enableTriggers(client: Connection, place: Place, tables: readonly FencedTable[]): Promise<void> {
  if (tables.length > 0) await client.query(setTriggersSql(place, tables, 'ENABLE'));
}

export async function disableTriggers(client: Connection, place: Place, tables: readonly FencedTable[]): Promise<void> {
  if (tables.length > 0) await client.query(setTriggersSql(place, tables, 'DISABLE'));
}

/** All in one message. */
export function setTriggersSql(place: Place, tables: readonly FencedTable[], verb: 'ENABLE' | 'DISABLE'): string {
  return tables
    .map(({ name }) => `ALTER TABLE ONLY ${quoteQualified(place.schema, name)} ${verb} TRIGGER ${fenceTrigger}`)
    .join(';\n');
}

export async function dropTrigger(client: Connection, place: Place, table: string): Promise<void> {
  await client.query(`DROP TRIGGER IF EXISTS ${quoteIdent(fenceTrigger)} ON ${quoteQualified(place.schema, table)}`);
}
