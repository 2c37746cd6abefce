import { setTimeout as delay } from 'node:timers/promises';
import {
  type Actor,
  BerthError,
  type ClusterAccess,
  type ReplicationStream,
  scramVerifier,
  type StreamState,
  type StreamUse,
} from '@berth/domain';
import {
  asMember,
  type ClusterConnections,
  type Connection,
  grantToSelf,
  quoteIdent,
  quoteLiteral,
  revokeFromSelf,
  serverMajor,
} from '../connection/index.js';
import { grantToLogin } from '../tenancy/tenant-roles.js';
import { passForcedPolicies } from './forced-policies.js';
import { guardLateTables } from './late-tables.js';
import { quietTriggers } from './quiet-triggers.js';
import { needsStreamsLogin, type Recipe, recipeOf, withStreamRights } from './recipe.js';
import { markerTable, restingPublication } from './stream-names.js';
import { choosePassword, runWithPassword } from './stream-password.js';
import { makeStreamRole } from './stream-role.js';

/**
 * The end that applies. The subscription belongs to a role of the stream alone, a member of the tenant's owner: its worker
 * becomes the owner of a table to write to it, and could become nobody else. On PostgreSQL 15, and where policies count for the owner too,
 * it writes as that member.
 */
export async function followPublication(
  connections: ClusterConnections,
  stream: ReplicationStream,
  actor: Actor,
  use: StreamUse,
): Promise<void> {
  const { from, to } = stream;
  const setPassword = (text: string): Promise<unknown> =>
    withStreamRights(connections, from, actor, (client) =>
      client.query(`ALTER ROLE ${quoteIdent(stream.name)} PASSWORD ${text}`),
    );
  const connection = connectionText(await connections.access(from.clusterId), stream);
  const renewPassword = async (client: Connection): Promise<void> => {
    await setPassword(quoteLiteral(scramVerifier(await choosePassword(client))));
  };
  const link: Link = { stream, connection, renewPassword };
  try {
    const follows = await connections.withTransaction(to.clusterId, to.database, (client) => goOn(client, link), {
      actor,
    });
    if (follows) return;
    const recipe = await recipeOf(connections, stream);
    await withStreamRights(connections, to, actor, (client) => subscribe(client, link, { recipe, use }));
  } catch (error) {
    // One that nobody follows with opens nothing, wherever the server may have written it.
    await setPassword('NULL').catch(() => undefined);
    throw error;
  }
}

/** What a subscription connects by: its `connection` but for the password, which is another one each time. */
interface Link {
  readonly stream: ReplicationStream;
  readonly connection: string;
  /** Known to the source, and to the transaction of `client` at the target. */
  readonly renewPassword: (client: Connection) => Promise<void>;
}

/** What the subscription needs, and the subscription itself where it stands already; false where it does not. */
async function goOn(client: Connection, { stream, connection, renewPassword }: Link): Promise<boolean> {
  await makeApplyRole(client, stream);
  await quietTriggers(client, stream);
  await guardLateTables(client, stream);
  if ((await readSubscription(client, stream)).subscription === 'missing') return false;
  const name = quoteIdent(stream.name);
  await renewPassword(client);
  await asMember(client, [stream.name], async () => {
    await runWithPassword(client, `ALTER SUBSCRIPTION ${name} CONNECTION`, connection);
    await client.query(`ALTER SUBSCRIPTION ${name} ENABLE`);
  });
  return true;
}

async function subscribe(
  client: Connection,
  { stream, connection, renewPassword }: Link,
  { recipe, use }: { readonly recipe: Recipe; readonly use: StreamUse },
): Promise<void> {
  const name = quoteIdent(stream.name);
  const major = await serverMajor(client);
  // Changes of a transaction that is open yet are never applied in parts: a worker that is told to end has ended with its transaction.
  const filter = recipe === 'in-turns' ? 'streaming = off' : 'origin = none';
  await renewPassword(client);
  await asMember(client, [stream.name], async () => {
    await runWithPassword(
      client,
      `CREATE SUBSCRIPTION ${name} CONNECTION`,
      connection,
      `PUBLICATION ${name}
       WITH (create_slot = false, slot_name = ${quoteLiteral(stream.name)}, copy_data = false, enabled = false, ${filter})`,
    );
    await handOver(client, major, stream);
    await passForcedPolicies(client, stream, major);
    // Made for all tables first: those it was not made for it would not apply later either.
    if (recipe === 'in-turns' && use === 'lead-back') await client.query(carrySql(stream, 'marker'));
    await client.query(`ALTER SUBSCRIPTION ${name} ENABLE`);
  });
}

/**
 * To the stream's own role. PostgreSQL 15 lets only a superuser take a subscription; what it owns it keeps when it is none any more, and nobody
 * sees it in between. A tenant's functions, which the worker may call, then run as that role and not as the login for streams.
 */
async function handOver(client: Connection, major: number, { name }: ReplicationStream): Promise<void> {
  const role = quoteIdent(name);
  const own = `ALTER SUBSCRIPTION ${role} OWNER TO ${role}`;
  if (!needsStreamsLogin(major)) {
    await client.query(own);
    return;
  }
  const { rows } = await client.query<{ super: boolean }>(
    'SELECT rolsuper AS super FROM pg_roles WHERE rolname = current_user',
  );
  const [raise, lower] =
    rows[0]?.super === true
      ? [`ALTER ROLE ${role} SUPERUSER`, `ALTER ROLE ${role} NOSUPERUSER`]
      : [`GRANT rds_superuser TO ${role}`, `REVOKE rds_superuser FROM ${role}`];
  await client.query(`${raise}; ${own}; ${lower}`);
}

/** What the subscription asks for from its next start on; it must not be at work. */
export function carrySql(stream: ReplicationStream, what: 'tables' | 'marker'): string {
  const publication = quoteIdent(what === 'tables' ? stream.name : restingPublication(stream));
  return `ALTER SUBSCRIPTION ${quoteIdent(stream.name)} SET PUBLICATION ${publication} WITH (refresh = false)`;
}

/** Role, schema and marker at the end that applies; the marker belongs to the role, whose worker writes it. */
async function makeApplyRole(client: Connection, stream: ReplicationStream): Promise<void> {
  const role = quoteIdent(stream.name);
  if (!(await makeStreamRole(client, stream.name, stream.to.database, 'CONNECTION LIMIT 0'))) return;
  const major = await serverMajor(client);
  await client.query(grantToLogin(major, stream.to.ownerRole, stream.name));
  await client.query(grantToSelf(major, stream.name));
  await client.query(
    [
      `CREATE SCHEMA IF NOT EXISTS ${role}`,
      `GRANT USAGE, CREATE ON SCHEMA ${role} TO ${role}`,
      `CREATE TABLE ${markerTable(stream)} (id int PRIMARY KEY, n bigint NOT NULL)`,
      `INSERT INTO ${markerTable(stream)} VALUES (1, 0)`,
      `ALTER TABLE ${markerTable(stream)} OWNER TO ${role}`,
      `SET LOCAL ROLE ${role}`,
      `GRANT SELECT, UPDATE ON ${markerTable(stream)} TO SESSION_USER`,
      'RESET ROLE',
    ].join('; '),
  );
}

/**
 * How the server `to` reaches the server `from`, in libpq's words and without the password. A server has no file of our authority: where one is kept as
 * text the certificate is not checked, and the preflight says so; the public ones the server knows itself.
 */
function connectionText(access: ClusterAccess, stream: ReplicationStream): string {
  const checked = access.sslMode.startsWith('verify') && access.ca === undefined;
  const parts = {
    host: access.host,
    port: String(access.port),
    user: stream.name,
    dbname: stream.from.database,
    application_name: stream.name,
    connect_timeout: '10',
    ...(checked ? { sslmode: 'verify-full', sslrootcert: 'system' } : {}),
    ...(checked ? {} : { sslmode: access.sslMode === 'disable' ? 'disable' : 'require' }),
  };
  return Object.entries(parts)
    .map(([name, value]) => `${name}='${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`)
    .join(' ');
}

type SubscriptionState = Pick<StreamState, 'subscription' | 'applyErrors'>;

export async function readSubscription(client: Connection, { name }: ReplicationStream): Promise<SubscriptionState> {
  const { rows } = await client.query<{ enabled: boolean; errors: number }>(
    `SELECT s.subenabled AS enabled, coalesce(t.apply_error_count, 0)::float8 AS errors
     FROM pg_subscription s LEFT JOIN pg_stat_subscription_stats t ON t.subid = s.oid
     WHERE s.subname = $1 AND s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [name],
  );
  const [row] = rows;
  if (row === undefined) return { subscription: 'missing', applyErrors: 0 };
  return { subscription: row.enabled ? 'enabled' : 'disabled', applyErrors: row.errors };
}

export async function disableSubscription(client: Connection, stream: ReplicationStream): Promise<void> {
  if ((await readSubscription(client, stream)).subscription !== 'enabled') return;
  await client.query(grantToSelf(await serverMajor(client), stream.name));
  await client.query(`ALTER SUBSCRIPTION ${quoteIdent(stream.name)} DISABLE`);
  await client.query(revokeFromSelf(stream.name));
}

const goneTimeoutMs = 60_000;
const pollMs = 20;

/** A worker ends between two transactions of the source; one that is large takes its time. @throws `stream-stalled` */
export async function awaitWorkerGone(client: Connection, { name, to }: ReplicationStream): Promise<void> {
  const deadline = performance.now() + goneTimeoutMs;
  const text = 'SELECT FROM pg_stat_subscription WHERE subname = $1 AND pid IS NOT NULL';
  while ((await client.query(text, [name])).rowCount !== 0) {
    if (performance.now() >= deadline)
      throw new BerthError(
        'stream-stalled',
        `The worker of ${name} on cluster ${to.clusterId} does not come to an end.`,
      );
    await delay(pollMs);
  }
}

/** Without its slot it can be dropped inside a transaction, and whether the other server answers or not. */
export async function dropSubscription(client: Connection, stream: ReplicationStream): Promise<void> {
  if ((await readSubscription(client, stream)).subscription === 'missing') return;
  const name = quoteIdent(stream.name);
  await client.query(grantToSelf(await serverMajor(client), stream.name));
  await client.query(
    `ALTER SUBSCRIPTION ${name} DISABLE; ALTER SUBSCRIPTION ${name} SET (slot_name = NONE); DROP SUBSCRIPTION ${name}`,
  );
}
