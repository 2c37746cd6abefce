import { randomBytes } from 'node:crypto';
import {
  BerthError,
  type Finding,
  type PoolerAccess,
  type RouteDrift,
  type RoutePlace,
  type TenantId,
  type TenantRoute,
} from '@berth/domain';
import { TenantRouter, type HeldRoute, type RouteChange } from '@berth/ports';
import { findingsOf, type ReachedCluster } from './checks.js';
import { Console, isNotRunning } from './console.js';
import { consoleName, fileNames } from './render-files.js';
import { RouteFiles, type Routes } from './route-files.js';
import { faultOf, shownRoutes, shownUsers } from './shown-routes.js';

/** PgBouncer does most of a RELOAD before it answers, and the rest in its next round, a third of a second later. */
const readBackMs = 2_000;
const lookAgainMs = 50;

/**
 * Aliases of PgBouncers. Each has a folder in which Berth owns files; a RELOAD that PgBouncer could not follow is answered like one
 * that it did follow, so nothing here counts but what SHOW says afterwards.
 */
export class PgBouncerTenantRouter extends TenantRouter {
  async check(access: PoolerAccess, clusters: readonly ReachedCluster[]): Promise<readonly Finding[]> {
    try {
      // A folder that Berth may not read is a finding too.
      await new RouteFiles(access).record();
      return await Console.with(access, async (console) => {
        const [version] = await console.run('SHOW VERSION');
        const settings = await console.run('SHOW CONFIG');
        const config = Object.fromEntries(settings.map((row) => [String(row['key']), String(row['value'] ?? '')]));
        const number = /\d+(\.\d+)+/.exec(String(version?.['version']))?.[0] ?? '0';
        return findingsOf({ poolerId: access.poolerId, host: access.host, version: number, config }, clusters);
      });
    } catch (thrown) {
      if (!(thrown instanceof BerthError)) throw thrown;
      const { code, message, hint } = thrown;
      return [{ code, severity: 'error', object: `pooler ${access.poolerId}`, message, remedy: hint ?? null }];
    }
  }

  async takeOver(access: PoolerAccess): Promise<readonly Finding[]> {
    const probe = probeRoute();
    const files = new RouteFiles(access);
    await files.change([{ tenantId: probe.tenantId, route: probe }]);
    try {
      return await Console.with(access, async (console) => {
        await console.run('RELOAD');
        const aliasIsRead = (await shownRoutes(console)).has(probe.tenantId);
        const userIsRead = (await shownUsers(console)).has(probe.tenantId);
        return notRead(access, { [fileNames.databases]: aliasIsRead, [fileNames.users]: userIsRead });
      });
    } finally {
      await this.route(access, [{ tenantId: probe.tenantId, route: null }]);
    }
  }

  async route(access: PoolerAccess, changes: readonly RouteChange[]): Promise<void> {
    refuseConsoleName(access, changes);
    const files = new RouteFiles(access);
    const record = await files.change(changes);
    // Also what was written earlier to a pooler that did not answer.
    const unseen = [...record.unseen].map((tenantId) => ({ tenantId, route: record.routes.get(tenantId) ?? null }));
    await Console.with(access, async (console) => {
      await console.run('RELOAD');
      await release(console, unseen);
      const faults = await faultsWhenSettled(console, unseen);
      if (faults.length > 0) throw refused(access, faults);
    });
    await files.seen(record);
  }

  async hold(access: PoolerAccess, tenantId: TenantId, options: { readonly timeoutMs: number }): Promise<HeldRoute> {
    return await this.#held(access, tenantId, options).catch((thrown: unknown) => {
      if (isNotRunning(thrown)) return 'absent';
      throw thrown;
    });
  }

  async #held(access: PoolerAccess, tenantId: TenantId, options: { readonly timeoutMs: number }): Promise<HeldRoute> {
    return await Console.with(access, async (console) => {
      if (!(await shownRoutes(console)).has(tenantId)) return 'absent';
      // It answers when the last transaction has ended. New ones wait from the first moment on.
      const quiet = await console.runFor(`PAUSE ${quoted(tenantId)}`, options.timeoutMs);
      if (quiet !== null) return 'quiet';
      const isHeld = await Console.with(access, async (other) => (await shownRoutes(other)).get(tenantId)?.held);
      if (isHeld === true) return 'busy';
      throw new BerthError('pooler-refused', `The pooler ${access.poolerId} did not hold the alias ${tenantId}.`);
    });
  }

  async drift(access: PoolerAccess, wanted: readonly RoutePlace[]): Promise<readonly RouteDrift[]> {
    const inFiles = await driftOfFiles(new RouteFiles(access), wanted);
    try {
      return distinct([...inFiles, ...(await driftOfConsole(access, wanted))]);
    } catch (thrown) {
      const isAway = thrown instanceof BerthError && thrown.code === 'pooler-unreachable';
      if (isAway && inFiles.length > 0) return distinct(inFiles);
      throw thrown;
    }
  }

  async forget(access: PoolerAccess): Promise<void> {
    const record = await new RouteFiles(access).record();
    const known = [...(record?.routes.keys() ?? [])];
    await this.route(
      access,
      known.map((tenantId) => ({ tenantId, route: null })),
    );
  }
}

/** An alias and a user that lead nowhere, to see whether the files are read. */
function probeRoute(): TenantRoute {
  const tenantId = `berth-probe-${randomBytes(4).toString('hex')}` as TenantId;
  const login = { role: tenantId, verifier: randomBytes(24).toString('hex') };
  return { tenantId, host: '127.0.0.1', port: 1, database: 'none', poolSize: 1, logins: [login] };
}

function notRead(access: PoolerAccess, read: Readonly<Record<string, boolean>>): readonly Finding[] {
  return Object.entries(read)
    .filter(([, isRead]) => !isRead)
    .map(([file]) => ({
      code: 'files-not-read',
      severity: 'error',
      object: `pooler ${access.poolerId}`,
      message: `It does not read ${access.folder}/${file}.`,
      remedy:
        file === fileNames.databases
          ? `Write into its section [databases]: %include ${access.folder}/${file}`
          : `Set auth_file = ${access.folder}/${file}, and let its user read the folder.`,
    }));
}

/** A tenant of that name works, but not through a pooler. */
function refuseConsoleName({ poolerId }: PoolerAccess, changes: readonly RouteChange[]): void {
  if (!changes.some(({ tenantId, route }) => tenantId === consoleName && route !== null)) return;
  throw new BerthError(
    'pooler-refused',
    `On the pooler ${poolerId} the name ${consoleName} is that of its own console.`,
    {
      hint: 'This tenant can be reached by its secret alone.',
    },
  );
}

function refused({ poolerId, folder }: PoolerAccess, faults: readonly string[]): BerthError {
  const shown = faults.slice(0, 3).join(' ');
  return new BerthError('pooler-refused', `The pooler ${poolerId} does not show what it was told: ${shown}`, {
    hint: `Look at its log: it reads ${folder} only as far as it finds no fault there.`,
    details: { faults: faults.slice(0, 20) },
  });
}

/** Nobody waits for, or is refused by, an alias that was just made what it should be. */
async function release(console: Console, changes: readonly RouteChange[]): Promise<void> {
  const shown = await shownRoutes(console);
  for (const { tenantId, route } of changes) {
    const alias = route === null ? undefined : shown.get(tenantId);
    if (alias?.held === true) await console.run(`RESUME ${quoted(tenantId)}`);
    if (alias?.disabled === true) await console.run(`ENABLE ${quoted(tenantId)}`);
  }
}

async function faultsWhenSettled(console: Console, changes: readonly RouteChange[]): Promise<readonly string[]> {
  const end = performance.now() + readBackMs;
  for (;;) {
    const faults = await faultsNow(console, changes);
    if (faults.length === 0 || performance.now() > end) return faults;
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
}

async function faultsNow(console: Console, changes: readonly RouteChange[]): Promise<readonly string[]> {
  const shown = await shownRoutes(console);
  const users = await shownUsers(console);
  return changes.flatMap(({ tenantId, route }) => {
    if (route === null) return shown.has(tenantId) ? [`The alias ${tenantId} is still there.`] : [];
    const unknown = route.logins.find(({ role }) => !users.has(role));
    const fault = faultOf(shown.get(tenantId), route);
    return fault ?? (unknown === undefined ? [] : [`The login ${unknown.role} is not known.`]);
  });
}

async function driftOfFiles(files: RouteFiles, wanted: readonly RoutePlace[]): Promise<readonly RouteDrift[]> {
  const record = await files.record();
  const routes: Routes = record?.routes ?? new Map();
  const ids = new Set(wanted.map(({ tenantId }) => tenantId));
  return [
    ...wanted.filter(isPossible).flatMap((route) => {
      const known = routes.get(route.tenantId);
      const fault = faultOf(known && { ...known, held: false, disabled: false }, route);
      return fault === null ? [] : [{ tenantId: route.tenantId, message: fault }];
    }),
    ...[...routes.keys()]
      .filter((tenantId) => !ids.has(tenantId))
      .map((tenantId) => ({ tenantId, message: `There should be no alias ${tenantId}.` })),
    ...(record === null ? [{ tenantId: null, message: 'The record of its routes is lost.' }] : []),
    ...[...(record?.unseen ?? [])].map((id) => ({ tenantId: null, message: `The alias ${id} was not read back.` })),
    ...(await files.unlike(routes)).map((file) => ({ tenantId: null, message: `${file} is not as it was written.` })),
  ];
}

async function driftOfConsole(access: PoolerAccess, wanted: readonly RoutePlace[]): Promise<readonly RouteDrift[]> {
  const shown = await Console.with(access, shownRoutes);
  return wanted.filter(isPossible).flatMap((route) => {
    const fault = faultOf(shown.get(route.tenantId), route);
    return fault === null ? [] : [{ tenantId: route.tenantId, message: fault }];
  });
}

const isPossible = ({ tenantId }: RoutePlace): boolean => tenantId !== consoleName;

/** One sentence an alias. */
function distinct(drift: readonly RouteDrift[]): readonly RouteDrift[] {
  const seen = new Set<TenantId>();
  return drift.filter(({ tenantId }) => {
    if (tenantId === null) return true;
    if (seen.has(tenantId)) return false;
    seen.add(tenantId);
    return true;
  });
}

const quoted = (tenantId: TenantId): string => `"${tenantId}"`;
