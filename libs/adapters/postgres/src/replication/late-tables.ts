import type { ReplicationStream } from '@berth/domain';
import { asMember, type Connection, quoteIdent, quoteLiteral, quoteQualified } from '../connection/index.js';
import { markerTable, plannedTable } from './stream-names.js';

/**
 * Tables whose rows were copied at a later moment than the one from which the stream keeps changes: a copy was cut off and went on. What was
 * changed in them before that moment is in those rows already. A mark was written at that moment, so the stream itself says when it is
 * there: up to it a trigger passes over the changes of these tables, one by one, and from it on they are applied.
 */
interface LateTable {
  readonly table: string;
  readonly mark: string;
}

/** Name of the trigger on each of them. */
export const lateTrigger = 'berth_skip_copied';

const skipFunction = ({ name }: ReplicationStream): string => quoteQualified(name, 'skip_copied');

async function lateTables(client: Connection, stream: ReplicationStream): Promise<readonly LateTable[]> {
  const { rows: known } = await client.query<{ known: boolean }>('SELECT to_regclass($1) IS NOT NULL AS known', [
    plannedTable(stream),
  ]);
  if (known[0]?.known !== true) return [];
  const { rows } = await client.query<LateTable>(
    `SELECT table_name AS table, mark::text AS mark FROM ${plannedTable(stream)} WHERE mark > 0 ORDER BY 1`,
  );
  return rows;
}

/** Whether tables of the target are of different moments: what spans several of them may not hold yet. */
export async function hasLateTables(client: Connection, stream: ReplicationStream): Promise<boolean> {
  return (await lateTables(client, stream)).length > 0;
}

/** Whether changes may still be passed over. */
export async function isGuarded(client: Connection, stream: ReplicationStream): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>('SELECT to_regprocedure($1) IS NOT NULL AS there', [
    `${skipFunction(stream)}()`,
  ]);
  return rows[0]?.there === true;
}

/**
 * Sets the triggers before the target follows for the first time, and takes them away once every mark has come: then in the
 * transaction that lets the worker go on, while it stands still. Convergent.
 */
export async function guardLateTables(client: Connection, stream: ReplicationStream): Promise<void> {
  const late = await lateTables(client, stream);
  if (late.length === 0) return;
  const { rows } = await client.query<{ passed: boolean }>(
    `SELECT (SELECT n FROM ${markerTable(stream)} WHERE id = 1) >= max(mark) AS passed FROM ${plannedTable(stream)}`,
  );
  if (rows[0]?.passed === true) await client.query(`DROP FUNCTION IF EXISTS ${skipFunction(stream)}() CASCADE`);
  else if (!(await isGuarded(client, stream))) await guard(client, stream, late);
}

/** The owner of a table, as whom the worker writes, sees nothing of the stream's schema: the function is the admin's. */
async function guard(client: Connection, stream: ReplicationStream, late: readonly LateTable[]): Promise<void> {
  await client.query(
    `CREATE FUNCTION ${skipFunction(stream)}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $skip$
     BEGIN
       IF (SELECT n FROM ${markerTable(stream)} WHERE id = 1) < TG_ARGV[0]::bigint THEN RETURN NULL; END IF;
       IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
       RETURN NEW;
     END $skip$`,
  );
  const statements = late.flatMap(({ table, mark }) => {
    const name = quoteQualified(stream.to.schema, table);
    return [
      `CREATE TRIGGER ${lateTrigger} BEFORE INSERT OR UPDATE OR DELETE ON ${name}
       FOR EACH ROW EXECUTE FUNCTION ${skipFunction(stream)}(${quoteLiteral(mark)})`,
      // For what a stream brings, and for nobody else.
      `ALTER TABLE ONLY ${name} ENABLE REPLICA TRIGGER ${quoteIdent(lateTrigger)}`,
    ];
  });
  await asMember(client, [stream.to.ownerRole], () => client.query(statements.join(';\n')));
}
