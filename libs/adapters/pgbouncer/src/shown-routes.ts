import type { RoutePlace } from '@berth/domain';
import { consoleName } from './render-files.js';
import type { Console } from './console.js';

/** An alias as the running pooler has it. */
export interface ShownRoute {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly poolSize: number;
  /** Somebody said PAUSE: clients wait. */
  readonly held: boolean;
  /** Somebody said DISABLE: new clients are refused. */
  readonly disabled: boolean;
}

export async function shownRoutes(console: Console): Promise<ReadonlyMap<string, ShownRoute>> {
  const rows = await console.run('SHOW DATABASES');
  const routes = rows.map((row): readonly [string, ShownRoute] => [
    String(row['name']),
    {
      host: String(row['host']),
      port: Number(row['port']),
      database: String(row['database']),
      poolSize: Number(row['pool_size']),
      held: Number(row['paused']) !== 0,
      disabled: Number(row['disabled']) !== 0,
    },
  ]);
  return new Map(routes.filter(([alias]) => alias !== consoleName));
}

export async function shownUsers(console: Console): Promise<ReadonlySet<string>> {
  return new Set((await console.run('SHOW USERS')).map((row) => String(row['name'])));
}

/** What is wrong with an alias, in a sentence; null: nothing. */
export function faultOf(shown: ShownRoute | undefined, wanted: RoutePlace): string | null {
  const { tenantId } = wanted;
  if (shown === undefined) return `The alias ${tenantId} is not there.`;
  const text = (route: RoutePlace | ShownRoute) => `${route.host}:${String(route.port)}/${route.database}`;
  if (text(shown) !== text(wanted)) return `The alias ${tenantId} leads to ${text(shown)}, not to ${text(wanted)}.`;
  if (shown.poolSize !== wanted.poolSize) {
    return `The alias ${tenantId} has ${String(shown.poolSize)} connections, not ${String(wanted.poolSize)}.`;
  }
  if (shown.held) return `The alias ${tenantId} is held: its clients wait.`;
  return shown.disabled ? `The alias ${tenantId} is switched off.` : null;
}
