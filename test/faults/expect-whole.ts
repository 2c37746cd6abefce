import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasEnded, secretRefs, tenantsDatabase, type Operation, type Placement, type TenantId } from '@berth/domain';
import { AuditLog } from '@berth/ports';
import type { TestPgBouncer } from '@berth/testing';
import pg from 'pg';
import { snapshot } from '../crash/snapshot.js';
import { canWriteAt } from '../crash/tenant-data.js';
import type { FaultWorld } from './fault-world.js';
import type { TenOperations } from './ten-operations.js';

const runbooks = fileURLToPath(new URL('../../docs/runbooks', import.meta.url));
const clusters = ['shared-1', 'shared-2'] as const;

/** A tenant that no operation concerns, and how it was before anything broke. */
export interface Neighbour {
  readonly tenantId: TenantId;
  readonly is: object;
}

/** What has to hold whatever broke, when all has come to an end. Read from the real servers and stores. */
export async function expectWhole(system: FaultWorld, ten: TenOperations, neighbour: Neighbour): Promise<void> {
  const { world } = system;
  const operations = await Promise.all(ten.ids.map((id) => world.operation(id)));
  for (const operation of operations) expectAnEnd(operation);
  for (const tenantId of [ten.mover, ...ten.others]) await expectOneWritableSide(system, tenantId);
  await expectEachWriteOnce(system, ten);
  await expectAliasesThere(system, ten);
  await closeMoves(system, ten);
  await expectEachWriteOnce(system, ten);
  if (operations.every(({ state }) => hasEnded(state))) expect(await leftOver(system, ten)).toEqual([]);
  expect(await snapshot(world, neighbour.tenantId)).toEqual(neighbour.is);
  expect(await waysFound(system)).toBe('');
  const { entries, brokenAt } = await world.app.get(AuditLog).verify();
  expect({ brokenAt, entries: entries > 0 }).toEqual({ brokenAt: null, entries: true });
}

/** Finished, undone, or it asks a person in a sentence that has a page. */
function expectAnEnd({ state, reason, error, kind, steps }: Operation): void {
  if (hasEnded(state)) return;
  const at = steps.find((step) => step.state === 'started' || step.state === 'undo-started')?.name;
  expect({ kind, at, state, reason }).toMatchObject({
    state: 'needs-operator',
    reason: expect.stringMatching(/\w+ .*\./s),
  });
  const page = path.join(runbooks, `${error?.code ?? ''}.md`);
  expect({ page, isThere: existsSync(page) }).toEqual({ page, isThere: true });
}

/** The current place, and nowhere where its logins are closed or it was never made. */
async function expectOneWritableSide({ world }: FaultWorld, tenantId: TenantId): Promise<void> {
  const [tenant, history] = [await world.tools.tenants.get(tenantId), await world.tools.placements.history(tenantId)];
  const stored = await world.tools.secrets.read(secretRefs.tenantDb(tenantId));
  const places = new Map(history.map((place) => [place.clusterId, place]));
  const writable: string[] = [];
  for (const [clusterId, place] of places)
    if (stored !== null && (await canWriteAt(world, stored.document, place))) writable.push(clusterId);
  const current = history.find(({ state }) => state === 'current');
  const wanted = tenant?.state === 'ready' && current !== undefined ? [current.clusterId] : [];
  expect({ tenantId, state: tenant?.state, writable }).toEqual({ tenantId, state: tenant?.state, writable: wanted });
}

async function expectEachWriteOnce({ world }: FaultWorld, { mover, writers }: TenOperations): Promise<void> {
  const place = await world.tools.placements.current(mover);
  const server = world.servers[place?.clusterId ?? ''];
  if (place === null || server === undefined) throw new Error(`tenant ${mover} is nowhere`);
  const found = await server.psql(`SELECT name FROM ${place.schema}.port WHERE name LIKE 'w%'`, tenantsDatabase);
  const names = found.split('\n').filter((name) => name !== '');
  const unsure = new Set(writers.unsure);
  expect(names.filter((name) => !unsure.has(name)).sort()).toEqual([...writers.acknowledged].sort());
  expect(new Set(names).size).toBe(names.length);
}

/** Both poolers lead to where the tenant is. */
async function expectAliasesThere({ world, parts, lines }: FaultWorld, { mover }: TenOperations): Promise<void> {
  const place = await world.tools.placements.current(mover);
  const wanted = lines[place?.clusterId as 'shared-1' | 'shared-2'].port;
  for (const pooler of parts.poolers) {
    const alias = (await aliasesOf(pooler)).find(({ name }) => name === mover);
    expect({ pooler: pooler.access.poolerId, port: alias?.port }).toEqual({
      pooler: pooler.access.poolerId,
      port: wanted,
    });
  }
}

/** What moves keep for their way back goes with them; only then nothing may be left. */
async function closeMoves(system: FaultWorld, ten: TenOperations): Promise<void> {
  for (const tenantId of [ten.mover, ...ten.others]) {
    const move = await system.world.tools.moves.openMoveOf(tenantId);
    if (move?.state !== 'switched') continue;
    const id = await system.api.ask('POST', `moves/${move.id}/complete`);
    expect(await system.here.ended(id)).toMatchObject({ state: 'succeeded', error: null });
  }
}

const ofStreams = `
  SELECT 'slot ' || slot_name FROM pg_replication_slots UNION ALL SELECT 'subscription ' || subname FROM pg_subscription
  UNION ALL SELECT 'publication ' || pubname FROM pg_publication
  UNION ALL SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass FROM pg_trigger WHERE tgname LIKE 'berth%'`;
const ofTenants = `
  SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname LIKE 'tenant\\_%'
  UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE rolname LIKE 'tenant\\_%'`;

/** Of these tenants: what is on servers, in stores and at poolers, and belongs to none that is there. */
async function leftOver(system: FaultWorld, ten: TenOperations): Promise<readonly string[]> {
  const { world, parts } = system;
  const found: string[] = [];
  for (const clusterId of clusters) {
    const places = await world.tools.placements.onCluster(clusterId);
    const ask = async (sql: string) => (await world.servers[clusterId]!.psql(sql, tenantsDatabase)).split('\n');
    const objects = (await ask(ofTenants)).filter((object) => !places.some((place) => belongsTo(place, object)));
    for (const object of [...(await ask(ofStreams)), ...objects])
      if (object !== '') found.push(`${clusterId}: ${object}`);
  }
  for (const ref of await world.tools.secrets.list('tenants/'))
    if (!(await isThere(system, ref.split('/')[1]))) found.push(`secret ${ref}`);
  for (const pooler of parts.poolers)
    for (const { name } of await aliasesOf(pooler)) if (!(await isThere(system, name))) found.push(`alias ${name}`);
  const dumps = await readdir(world.config.BERTH_DUMPS_DIR).catch(() => []);
  const names = [ten.mover, ...ten.others].flatMap((id) => [id, id.replaceAll('-', '_')]);
  return [
    ...found.filter((what) => names.some((name) => what.includes(name))),
    ...dumps.filter((name) => ten.ids.some((id) => name.startsWith(`move-${id}`))),
  ];
}

/** Workers prove isolation meanwhile, by their schedule: what breaks must not look like a way from tenant to tenant. */
async function waysFound({ here }: FaultWorld): Promise<string> {
  return await here.inCatalog(`
    SELECT p.cluster_id, jsonb_path_query_array(p.report, '$.rows[*].others[*] ? (@.verdict == "reached")')
    FROM berth.isolation_proofs p WHERE p.verdict = 'broken'`);
}

async function isThere({ world }: FaultWorld, tenantId = ''): Promise<boolean> {
  return (await world.tools.placements.history(tenantId as TenantId)).some(({ state }) => state !== 'retired');
}

/** `schema tenant_x`, or `role tenant_x__a` */
function belongsTo({ schema, ownerRole, loginRoles }: Placement, object: string): boolean {
  const [kind, name = ''] = object.split(' ');
  return kind === 'schema' ? name === schema : [ownerRole, ...Object.values(loginRoles)].includes(name);
}

async function aliasesOf({
  access,
}: TestPgBouncer): Promise<readonly { readonly name: string; readonly port: number }[]> {
  const { host, port, user, password } = access;
  const console = new pg.Client({ host, port, user, password, database: 'pgbouncer' });
  await console.connect();
  const { rows } = await console.query<{ name: string; port: number }>('SHOW DATABASES');
  await console.end();
  return rows.filter(({ name }) => name !== 'pgbouncer');
}
