import { setTimeout as pause } from 'node:timers/promises';
import { hasEnded, type OperationState, type TenantId } from '@berth/domain';
import type { Population, Whom } from './population.js';
import type { Random } from './random.js';
import type { Answer, SoakSystem } from './soak-system.js';

interface Wish {
  readonly name: string;
  readonly whom: Whom;
  readonly ask: (system: SoakSystem, tenantId: TenantId) => Promise<Answer | null>;
}

const wish = (name: string, method: 'POST' | 'PUT', what: string, body: object): Wish => ({
  name,
  whom: 'anybody',
  ask: (system, tenantId) => system.ask(method, `tenants/${tenantId}/${what}`, body),
});

const move = (strategy: 'dump' | 'online'): Wish => ({
  name: `move by ${strategy}`,
  whom: 'anybody',
  async ask(system, tenantId) {
    const place = await system.ask('GET', `tenants/${tenantId}/placements`);
    const here = (
      place.body['items'] as readonly { readonly state: string; readonly clusterId: string }[] | undefined
    )?.find(({ state }) => state === 'current')?.clusterId;
    if (here === undefined) return null;
    const target = { tier: 'shared', clusterId: here === 'shared-1' ? 'shared-2' : 'shared-1' };
    return await system.ask('POST', `tenants/${tenantId}/moves`, { target, strategy, switch: 'auto' });
  },
});

/** Of a move that has switched. */
const afterMove = (act: 'complete' | 'reverse'): Wish => ({
  name: `${act} a move`,
  whom: 'anybody',
  async ask(system, tenantId) {
    const { body } = await system.ask('GET', `moves?tenantId=${tenantId}&limit=1`);
    const [last] = (body['items'] ?? []) as readonly { readonly id: string; readonly state: string }[];
    return last?.state === 'switched' ? await system.ask('POST', `moves/${last.id}/${act}`, {}) : null;
  },
});

const provision: Wish = {
  name: 'provision',
  whom: 'newcomer',
  ask: (system, id) => system.ask('POST', 'tenants', { id, plan: 'free' }),
};

const remove: Wish = {
  name: 'remove',
  whom: 'guest',
  ask: (system, id) => system.ask('DELETE', `tenants/${id}?now=true&reason=leaves`),
};

const wishes: readonly Wish[] = [
  provision,
  remove,
  wish('suspend', 'POST', 'suspend', { reason: 'unpaid' }),
  wish('resume', 'POST', 'resume', {}),
  wish('resume', 'POST', 'resume', {}),
  wish('repair', 'POST', 'repair', {}),
  wish('rotate', 'POST', 'secret/rotate', { graceMs: 0, settleMs: 0 }),
  wish('change plan', 'PUT', 'plan', { plan: 'pro' }),
  wish('change plan', 'PUT', 'plan', { plan: 'free' }),
  move('dump'),
  move('online'),
  move('online'),
  afterMove('complete'),
  afterMove('complete'),
  afterMove('reverse'),
];

/** What became of what was asked for. */
export class Tally {
  readonly counts: Record<string, number> = {};
  readonly ids: string[] = [];
  /** Answers that no caller should get: a fault elsewhere is a 503, never a 500. */
  readonly defects: string[] = [];

  note(name: string, { status, body }: Answer): void {
    const outcome = `${name}: ${String(status)}`;
    this.counts[outcome] = (this.counts[outcome] ?? 0) + 1;
    if (status >= 500 && status !== 503) this.defects.push(`${outcome} ${JSON.stringify(body)}`);
  }
}

/** The id of the operation that was begun. */
export function operationOf({ body }: Answer): string | null {
  const operation = (body['operation'] ?? body) as { readonly id?: string };
  return operation.id ?? null;
}

/** One caller: asks for something, waits for its end or thinks better of it, and asks for the next, until the time is over. */
export async function askUntil(
  system: SoakSystem,
  { population, random, tally, end }: { population: Population; random: Random; tally: Tally; end: number },
): Promise<void> {
  while (performance.now() < end) {
    const { name, whom, ask } = random.of(wishes);
    const [tenantId, changesMind] = [population.choose(whom, random), random.next() < 0.1];
    if (tenantId === null) continue;
    const answer = await ask(system, tenantId);
    if (answer === null) continue;
    tally.note(name, answer);
    const id = answer.status === 202 ? operationOf(answer) : null;
    if (id === null) {
      await pause(50);
      continue;
    }
    tally.ids.push(id);
    if (changesMind) tally.note('cancel', await system.ask('POST', `operations/${id}/cancel`, {}));
    await endOf(system, id, end);
  }
}

async function endOf(system: SoakSystem, id: string, end: number): Promise<void> {
  while (performance.now() < end) {
    const { body } = await system.ask('GET', `operations/${id}`);
    const state = body['state'] as OperationState | undefined;
    if (state !== undefined && (hasEnded(state) || state === 'needs-operator')) return;
    await pause(250);
  }
}
