import { BerthError, type Place } from '@berth/domain';
import { type Connection, quoteIdent, quoteLiteral, quoteQualified, sqlStateOf } from '../connection/index.js';
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
 * One statement for all tables: the tenant's writers, who lock in another order, meet a wait or a deadlock here and nowhere
 * later. The lock stops writers and other DDL; readers go on.
 */
export async function lockTables(
  client: Connection,
  place: Place,
  tables: readonly Pick<FencedTable, 'name'>[],
  timeoutMs: number,
): Promise<void> {
  if (tables.length === 0) return;
  const names = tables.map(({ name }) => quoteQualified(place.schema, name)).join(', ');
  // lock_timeout counts for each table anew; the statement's time is the bound of the whole.
  await client.query(`SET LOCAL statement_timeout = ${String(Math.ceil(timeoutMs))}`);
  try {
    await client.query(`LOCK TABLE ${names} IN SHARE ROW EXCLUSIVE MODE`);
  } catch (error) {
    if (sqlStateOf(error) !== '57014') throw error;
    throw new BerthError(
      'lock-timeout',
      `The tables of ${place.schema} could not be locked within ${String(timeoutMs)} ms.`,
    );
  }
  await client.query('SET LOCAL statement_timeout = 0');
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

export function enableTriggers(client: Connection, place: Place, tables: readonly FencedTable[]): Promise<void> {
  return setTriggers(client, place, tables, 'ENABLE');
}

export function disableTriggers(client: Connection, place: Place, tables: readonly FencedTable[]): Promise<void> {
  return setTriggers(client, place, tables, 'DISABLE');
}

async function setTriggers(
  client: Connection,
  place: Place,
  tables: readonly FencedTable[],
  verb: 'ENABLE' | 'DISABLE',
): Promise<void> {
  const statements = tables.map(
    ({ name }) => `ALTER TABLE ONLY ${quoteQualified(place.schema, name)} ${verb} TRIGGER ${fenceTrigger}`,
  );
  if (statements.length > 0) await client.query(statements.join(';\n'));
}

export async function dropTrigger(client: Connection, place: Place, table: string): Promise<void> {
  await client.query(`DROP TRIGGER IF EXISTS ${quoteIdent(fenceTrigger)} ON ${quoteQualified(place.schema, table)}`);
}
