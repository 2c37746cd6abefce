import type { Finding, Place, ReplicationStream, RowIdentities } from '@berth/domain';
import { schemaOid } from '../comparison/definitions.js';
import { type ClusterConnections, type Connection, quoteQualified } from '../connection/index.js';
import { forcedPolicyFindings } from './forced-policies.js';
import { readFiringTriggers } from './quiet-triggers.js';
import { majorAt, recipeFor } from './recipe.js';
import { readServerFacts, serverFindings } from './server-findings.js';
import { preparedFindings, standbyFindings, viewFindings } from './source-findings.js';
import { tlsFindings } from './stream-findings.js';
import { streamsLoginFindings } from './streams-login.js';
import { faultOfChoice, type PublishedTable, readPublishedTables } from './row-identity.js';

export async function onlinePreflight(
  connections: ClusterConnections,
  stream: ReplicationStream,
  identities: RowIdentities,
  which: 'both' | 'from',
): Promise<readonly Finding[]> {
  const readOnly = { readOnly: true, isolation: 'repeatable read' } as const;
  const places = which === 'both' ? [stream.from, stream.to] : [stream.from];
  const ends = await Promise.all(
    places.map(async (place) => {
      const { clusterId, database } = place;
      return connections.withTransaction(
        clusterId,
        database,
        async (client) => ({
          ...{ place, facts: await readServerFacts(client) },
          prepared: await preparedFindings(client, place),
        }),
        readOnly,
      );
    }),
  );
  const bound = ends.filter(({ facts }) => facts?.passesPolicies === false).map(({ place }) => place.clusterId);
  const logins = await loginFindings(connections, places);
  const { from } = stream;
  const tables = await connections.withTransaction(
    from.clusterId,
    from.database,
    async (client) => {
      const oid = await schemaOid(client, from);
      const published = await readPublishedTables(client, oid);
      return [
        ...published.flatMap((table) => tableFindings(table, from, identities)),
        ...unknownChoices(published, from, identities),
        ...(await triggerFindings(client, from, oid)),
        ...(await forcedPolicyFindings(client, from, oid, bound)),
        ...(await viewFindings(client, oid)),
        ...(await standbyFindings(client, from)),
      ];
    },
    readOnly,
  );
  const accesses = await Promise.all(places.map(({ clusterId }) => connections.access(clusterId)));
  const prepared = ends.flatMap((end) => end.prepared);
  return [...ends.flatMap(serverFindings), ...prepared, ...logins, ...accesses.flatMap(tlsFindings), ...tables];
}

/** At both ends, where they cannot filter: either one's stream is told where to begin when the tenant has come from there. */
async function loginFindings(connections: ClusterConnections, places: readonly Place[]): Promise<readonly Finding[]> {
  const majors = await Promise.all(places.map((place) => majorAt(connections, place)));
  if (recipeFor(...majors) === 'filtered') return [];
  const clusterIds = [...new Set(places.map(({ clusterId }) => clusterId))];
  const found = clusterIds.map(async (id) => streamsLoginFindings(id, await connections.streamsAccess(id)));
  return (await Promise.all(found)).flat();
}

function tableFindings(table: PublishedTable, { schema }: Place, identities: RowIdentities): readonly Finding[] {
  const object = `table ${quoteQualified(schema, table.name)}`;
  const choice = identities[table.name];
  if (table.unlogged) {
    const message = `${object} is unlogged: its changes are in no log, and no stream carries them.`;
    const remedy = `ALTER TABLE ${quoteQualified(schema, table.name)} SET LOGGED, drop it, or move by dump.`;
    return [{ code: 'unlogged-table', severity: 'error', object, message, remedy }];
  }
  if (choice !== undefined) {
    const fault = faultOfChoice(table, choice);
    const remedy = `Choose ${choicesFor(table)}.`;
    return fault === undefined
      ? []
      : [{ code: 'identity-unfit', severity: 'error', object, message: `${fault}.`, remedy }];
  }
  if (table.usable) return [];
  return [
    {
      code: 'no-identity',
      severity: 'error',
      object,
      message: `${object} has no key by which a stream can tell its rows apart; published as it is, the tenant's own UPDATE and DELETE would fail.`,
      remedy: `For ${table.name} choose ${choicesFor(table)}. With full every change of a row searches the whole table at the target.`,
    },
  ];
}

function choicesFor({ candidates, unfitForFull }: PublishedTable): string {
  const full = unfitForFull.length === 0 ? ['full'] : [];
  return [...candidates.map((index) => `useIndex ${index}`), ...full, 'a move by dump'].join(', or ');
}

function unknownChoices(
  tables: readonly PublishedTable[],
  { schema }: Place,
  identities: RowIdentities,
): readonly Finding[] {
  return Object.keys(identities)
    .filter((name) => !tables.some((table) => table.name === name))
    .map((name) => ({
      code: 'identity-unfit',
      severity: 'error',
      object: `schema ${schema}`,
      message: `There is no table ${name} in it, for which an identity was chosen.`,
      remedy: 'Leave the choice out.',
    }));
}

/** Nothing that the tenant could see changes: its own writes fire them as before. */
async function triggerFindings(client: Connection, { schema }: Place, oid: string): Promise<readonly Finding[]> {
  return (await readFiringTriggers(client, oid)).map(({ table, name }) => ({
    code: 'always-trigger',
    severity: 'info',
    object: `table ${quoteQualified(schema, table)}`,
    message: `Its trigger ${name} fires for replicated changes too. Until the move is completed it does not, at either end: what it does would be done twice.`,
    remedy: null,
  }));
}
