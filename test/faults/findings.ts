import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasEnded, secretRefs, tenantsDatabase, type Operation, type Placement, type TenantId } from '@berth/domain';
import { AuditLog } from '@berth/ports';
import type { TenantWriters, TestPgBouncer } from '@berth/testing';
import pg from 'pg';
import { leftOfMoves } from '../crash/left-of-moves.js';
import { canWriteAt, namesWritten } from '../crash/tenant-data.js';
import type { World } from '../crash/world.js';

const runbooks = fileURLToPath(new URL('../../docs/runbooks', import.meta.url));
const clusters = ['shared-1', 'shared-2'] as const;

/** What is wrong, a sentence each, read from the real servers and stores. None: it is as it should be. */
export type Findings = readonly string[];

/** Finished, undone, or it asks a person in a sentence that has a page. */
export function endOf({ id, state, reason, error, kind, steps }: Operation): Findings {
  if (hasEnded(state)) return [];
  const at = steps.find((step) => step.state === 'started' || step.state === 'undo-started')?.name ?? 'no step';
  const what = `${kind} ${id} at ${at}`;
  if (state !== 'needs-operator') return [`${what} is ${state}: ${reason ?? 'without a reason'}`];
  const page = path.join(runbooks, `${error?.code ?? ''}.md`);
  return [
    ...(/\w+ .*\./s.test(reason ?? '') ? [] : [`${what} asks a person and does not say what for: ${String(reason)}`]),
    ...(existsSync(page) ? [] : [`${what} asks a person, and there is no ${page}`]),
  ];
}

/** The current place takes writes, and none where its logins are closed or it was never made. */
export async function writableSidesOf(world: World, tenantId: TenantId): Promise<Findings> {
  const [tenant, history] = [await world.tools.tenants.get(tenantId), await world.tools.placements.history(tenantId)];
  const stored = await world.tools.secrets.read(secretRefs.tenantDb(tenantId));
  const places = new Map(history.map((place) => [place.clusterId, place]));
  const writable: string[] = [];
  for (const [clusterId, place] of places)
    if (stored !== null && (await canWriteAt(world, stored.document, place))) writable.push(clusterId);
  const current = history.find(({ state }) => state === 'current');
  const wanted = tenant?.state === 'ready' && current !== undefined ? [current.clusterId] : [];
  if (writable.join() === wanted.join()) return [];
  return [
    `${tenantId} is ${String(tenant?.state)} and takes writes on [${writable.join()}], not on [${wanted.join()}]`,
  ];
}

/** The writers have stopped. */
export async function writesOf(world: World, tenantId: TenantId, writers: TenantWriters): Promise<Findings> {
  return writers.wrongWith(await namesWritten(world, tenantId)).map((finding) => `${tenantId}: ${finding}`);
}

export async function auditChain(world: World): Promise<Findings> {
  const { entries, brokenAt } = await world.app.get(AuditLog).verify();
  if (entries === 0) return ['the audit log is empty'];
  return brokenAt === null ? [] : [`the audit log is broken at entry ${String(brokenAt)}`];
}

const ofTenants = `
  SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname LIKE 'tenant\\_%'
  UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE rolname LIKE 'tenant\\_%'`;

export interface Leftovers {
  readonly tenants: readonly TenantId[];
  readonly operations: readonly string[];
  readonly poolers: readonly TestPgBouncer[];
}

/** Of these tenants, when their operations and moves have ended: what is on servers, in stores and at poolers, and belongs to none that is there. */
export async function leftOver(world: World, { tenants, operations, poolers }: Leftovers): Promise<Findings> {
  const found: string[] = [];
  const left: string[] = [];
  for (const clusterId of clusters) {
    const places = await world.tools.placements.onCluster(clusterId);
    const ask = async (sql: string) => (await world.servers[clusterId]!.psql(sql, tenantsDatabase)).split('\n');
    const objects = (await ask(ofTenants)).filter((object) => !places.some((place) => belongsTo(place, object)));
    for (const object of objects) if (object !== '') found.push(`${clusterId}: ${object}`);
    left.push(...(await leftOfMoves(world, clusterId, tenants)).map((what) => `${clusterId}: ${what}`));
  }
  for (const ref of await world.tools.secrets.list('tenants/'))
    if (!(await isThere(world, ref.split('/')[1]))) found.push(`secret ${ref}`);
  for (const pooler of poolers)
    for (const { name } of await aliasesOf(pooler)) if (!(await isThere(world, name))) found.push(`alias ${name}`);
  const dumps = await readdir(world.config.BERTH_DUMPS_DIR).catch(() => []);
  const names = tenants.flatMap((id) => [id, id.replaceAll('-', '_')]);
  return [
    ...left,
    ...(await ofInstances(world, tenants)),
    ...found.filter((what) => names.some((name) => what.includes(name))),
    ...dumps.filter((name) => operations.some((id) => name.startsWith(`move-${id}`))),
  ];
}

/** Of these tenants' own instances, where none of them has a place there. Terraform's workspaces and folders count as instances. */
async function ofInstances({ tools }: World, tenants: readonly TenantId[]): Promise<Findings> {
  const histories = await Promise.all(tenants.map((id) => tools.placements.history(id)));
  const kept = histories.flat().flatMap(({ state, clusterId }) => (state === 'retired' ? [] : [clusterId]));
  const there = {
    instance: await tools.infrastructure.list(),
    cluster: (await tools.clusters.list()).map(({ id }) => id),
    'secret of the cluster': (await tools.secrets.list('clusters/')).map((ref) => ref.split('/')[1] ?? ''),
  };
  return Object.entries(there).flatMap(([what, ids]) =>
    ids
      .filter((id) => !kept.includes(id) && tenants.some((tenantId) => id.includes(tenantId)))
      .map((id) => `${what} ${id}`),
  );
}

async function isThere(world: World, tenantId = ''): Promise<boolean> {
  return (await world.tools.placements.history(tenantId as TenantId)).some(({ state }) => state !== 'retired');
}

/** `schema tenant_x`, or `role tenant_x__a` */
function belongsTo({ schema, ownerRole, loginRoles }: Placement, object: string): boolean {
  const [kind, name = ''] = object.split(' ');
  return kind === 'schema' ? name === schema : [ownerRole, ...Object.values(loginRoles)].includes(name);
}

export interface ShownAlias {
  readonly name: string;
  readonly port: number;
  /** Its clients wait. */
  readonly held: boolean;
}

export async function aliasesOf({ access }: TestPgBouncer): Promise<readonly ShownAlias[]> {
  const { host, port, user, password } = access;
  const console = new pg.Client({ host, port, user, password, database: 'pgbouncer' });
  await console.connect();
  const { rows } = await console.query<{ name: string; port: number; paused: number }>('SHOW DATABASES');
  await console.end();
  return rows
    .filter(({ name }) => name !== 'pgbouncer')
    .map(({ name, port, paused }) => ({ name, port, held: paused === 1 }));
}
