import { createHash } from 'node:crypto';
import { BerthError, type Place } from '@berth/domain';
import { schemaOid } from '../comparison/definitions.js';
import { type ClusterConnections, type Connection, quoteIdent, quoteLiteral, sqlStateOf } from '../connection/index.js';
import { neededExtensionsQuery } from './preflight-queries.js';

/** Named by the dump, so that the next try finds what a crash left. */
export function scratchNameOf(dump: string): string {
  return `berth_scratch_${createHash('sha256').update(dump).digest('hex').slice(0, 24)}`;
}

interface Encoding {
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  readonly provider: string;
  readonly locale: string | null;
}

const encodingQuery = `
  SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS collate, datctype AS ctype, datlocprovider::text AS provider,
    coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS locale
  FROM pg_database d WHERE datname = current_database()`;

/**
 * An empty database that sorts and encodes as the source's does, with the extensions that the tenant's objects are made of and
 * its empty schema; nobody but the admin may connect. Others stay away: some want a superuser, and nothing here needs them. The tenant's own owner role owns what is restored, so that every right can be compared as it is; it
 * has no other way in.
 */
export async function makeScratch(connections: ClusterConnections, source: Place, database: string): Promise<Place> {
  await dropScratch(connections, source.clusterId, database);
  const extensions = await connections.withClient(source.clusterId, source.database, async (client) => {
    await createDatabase(client, database);
    const oid = await schemaOid(client, source);
    return (await client.query<{ name: string; schema: string }>(neededExtensionsQuery, [oid])).rows;
  });
  await connections.withClient(source.clusterId, database, async (client) => {
    // First: an extension may live in the tenant's own schema, and must not make it for somebody else.
    await client.query(`CREATE SCHEMA ${quoteIdent(source.schema)} AUTHORIZATION ${quoteIdent(source.ownerRole)}`);
    for (const { name, schema } of extensions) {
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdent(schema)}`);
      // As its administrator did where the tenant lives: else its own objects could not name what is in there.
      if (schema !== source.schema) await client.query(`GRANT USAGE ON SCHEMA ${quoteIdent(schema)} TO PUBLIC`);
      await client.query(`CREATE EXTENSION IF NOT EXISTS ${quoteIdent(name)} SCHEMA ${quoteIdent(schema)} CASCADE`);
    }
  });
  return { ...source, database };
}

async function createDatabase(client: Connection, database: string): Promise<void> {
  const { rows } = await client.query<Encoding>(encodingQuery);
  const like = rows[0];
  if (like === undefined) return;
  const locale = like.locale === null ? '' : quoteLiteral(like.locale);
  const provider =
    { i: ` LOCALE_PROVIDER icu ICU_LOCALE ${locale}`, b: ` LOCALE_PROVIDER builtin BUILTIN_LOCALE ${locale}` }[
      like.provider
    ] ?? '';
  const name = quoteIdent(database);
  // What a database grants to PUBLIC by itself is taken away: no tenant may connect to it.
  await client.query(
    `CREATE DATABASE ${name} TEMPLATE template0 ENCODING ${quoteLiteral(like.encoding)} LC_COLLATE ${quoteLiteral(like.collate)} LC_CTYPE ${quoteLiteral(like.ctype)}${provider}`,
  );
  await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
}

/** Each waits up to five seconds, which the server gives whom it has asked to go. */
const dropRounds = 6;

/**
 * FORCE ends who was left behind there, and may not end autovacuum, which belongs to a superuser; without it the server asks that one to go, and
 * waits in vain for who was left behind. Where both are at work it takes both, in turns. @throws BerthError `cluster-busy`
 */
export async function dropScratch(connections: ClusterConnections, clusterId: string, database: string): Promise<void> {
  const drop = `DROP DATABASE IF EXISTS ${quoteIdent(database)}`;
  await connections.withClient(clusterId, undefined, async (client) => {
    for (let round = 0; round < dropRounds; round += 1) {
      if (await unless(insufficientPrivilege, client.query(`${drop} WITH (FORCE)`))) return;
      if (await unless(objectInUse, client.query(drop))) return;
    }
    throw new BerthError(
      'cluster-busy',
      `The scratch database ${database} on cluster ${clusterId} is in use and could not be dropped.`,
    );
  });
}

const insufficientPrivilege = '42501';
const objectInUse = '55006';

/** False when the statement failed with this SQLSTATE. */
async function unless(state: string, statement: Promise<unknown>): Promise<boolean> {
  try {
    await statement;
    return true;
  } catch (error) {
    if (sqlStateOf(error) === state) return false;
    throw error;
  }
}
