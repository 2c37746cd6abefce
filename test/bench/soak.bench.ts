// Random operations over many tenants while parts break at random, by one seed; then all has to be whole, and the memory of API and
// worker no larger than at the beginning.
import { setTimeout as pause } from 'node:timers/promises';
import { hasEnded, parseTenantId, type Operation, type TenantId } from '@berth/domain';
import { TenantWriters } from '@berth/testing';
import { fill, readContent } from '../crash/tenant-data.js';
import { auditChain, endOf, leftOver, writableSidesOf, writesOf } from '../faults/findings.js';
import { readOptions } from './options.js';
import { report } from './report.js';
import { Population } from './soak/population.js';
import { strikeUntil } from './soak/random-faults.js';
import { askUntil, operationOf, Tally } from './soak/random-operations.js';
import { Random } from './soak/random.js';
import { SoakSystem } from './soak/soak-system.js';

const options = readOptions({ minutes: 30, tenants: 200, callers: 6, written: 10, seed: 1, sampleSeconds: 5 });
/** Of memory, from the first third to the last. */
const mostGrowth = 1.1;
/** How long none of many operations may end. */
const patienceMs = 600_000;

/** How they ended, or where they are when patience has. One after another: the callers of a product do not ask for all at once either. */
async function settled(system: SoakSystem, ids: readonly string[]): Promise<readonly Operation[]> {
  let deadline = performance.now() + patienceMs;
  const found = new Map<string, Operation>();
  const isOpen = (id: string): boolean => {
    const state = found.get(id)?.state;
    return state === undefined || !(hasEnded(state) || state === 'needs-operator');
  };
  for (let open = ids; open.length > 0 && performance.now() < deadline;) {
    for (const id of open) found.set(id, await system.world.operation(id));
    const still = open.filter(isOpen);
    if (still.length < open.length) deadline = performance.now() + patienceMs;
    open = still;
    await pause(500);
  }
  return [...found.values()];
}

async function provision(system: SoakSystem, tenants: readonly TenantId[]): Promise<void> {
  const body = (id: TenantId, index: number) => ({
    id,
    plan: 'free',
    clusterId: index % 2 === 0 ? 'shared-1' : 'shared-2',
  });
  const ids: string[] = [];
  for (const [index, id] of tenants.entries()) {
    const answer = await system.ask('POST', 'tenants', body(id, index));
    const operation = operationOf(answer);
    if (answer.status !== 202 || operation === null) throw new Error(JSON.stringify(answer));
    ids.push(operation);
  }
  const failed = (await settled(system, ids)).find(({ state }) => state !== 'succeeded');
  if (failed !== undefined) throw new Error(JSON.stringify(failed));
  for (const id of tenants) await fill(system.world, id);
}

/** Moves that have switched keep their old places; only when they are completed nothing may be left. */
async function completeMoves(system: SoakSystem, tenants: readonly TenantId[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const id of tenants) {
    const move = await system.world.tools.moves.openMoveOf(id);
    if (move === null || !['switched', 'reversed'].includes(move.state)) continue;
    const operation = operationOf(await system.ask('POST', `moves/${move.id}/complete`, {}));
    if (operation !== null) ids.push(operation);
  }
  return ids;
}

async function sampleUntil(system: SoakSystem, end: number): Promise<readonly { api: number; worker: number }[]> {
  const samples = [];
  while (performance.now() < end) {
    samples.push(await system.memory());
    await pause(options.sampleSeconds * 1_000);
  }
  return samples;
}

/** Tenants for whom nothing is asked, beside all the others: what they hold at the start, to the row. */
async function contentOf({ world }: SoakSystem, ids: readonly TenantId[]): Promise<ReadonlyMap<TenantId, string>> {
  const content = new Map<TenantId, string>();
  for (const id of ids) {
    const place = await world.tools.placements.current(id);
    content.set(
      id,
      place === null ? 'no place' : `generation ${String(place.generation)}, ${await readContent(world, place)}`,
    );
  }
  return content;
}

/** What the last third takes, as a multiple of what the first one takes. */
function growth(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3);
  const mean = (some: readonly number[]) => some.reduce((sum, one) => sum + one, 0) / some.length;
  return mean(samples.slice(-third)) / mean(samples.slice(0, third));
}

const system = await SoakSystem.open();
try {
  const tenants = Array.from({ length: options.tenants }, (_, index) => parseTenantId(`soak-${String(index)}`));
  const neighbours = ['shared-1', 'shared-2'].map((_, index) => parseTenantId(`neighbour-${String(index)}`));
  await provision(system, [...tenants, ...neighbours]);
  const before = await contentOf(system, neighbours);
  const { secrets } = system.world.tools;
  const written = [...tenants.slice(0, options.written), ...neighbours];
  const writers = new Map(written.map((id) => [id, TenantWriters.start(id, { secrets, writers: 1, restMs: 200 })]));
  const population = new Population(tenants);
  const tally = new Tally();
  const end = performance.now() + options.minutes * 60_000;
  const caller = (index: number) =>
    askUntil(system, { population, random: new Random(options.seed * 1_000 + index), tally, end });
  const [memory, struck] = await Promise.all([
    sampleUntil(system, end),
    strikeUntil(system, new Random(options.seed), end),
    ...Array.from({ length: options.callers }, (_, index) => caller(index)),
  ]);
  const operations = await settled(system, tally.ids);
  const asking = new Set(operations.filter(({ state }) => !hasEnded(state)).map(({ tenantId }) => tenantId));
  // What somebody is asked about stays as it is until he has answered.
  const all = [...population.everybody, ...neighbours];
  const free = all.filter((id) => !asking.has(id));
  await Promise.all([...writers.values()].map((some) => some.stop()));
  const completed = await settled(system, await completeMoves(system, free));
  const findings: string[] = [...tally.defects, ...[...operations, ...completed].flatMap(endOf)];
  for (const id of free) findings.push(...(await writableSidesOf(system.world, id)));
  for (const [id, some] of writers) findings.push(...(await writesOf(system.world, id, some)));
  findings.push(...(await leftOver(system.world, { tenants: free, operations: tally.ids, poolers: [system.pooler] })));
  findings.push(...(await auditChain(system.world)));
  for (const [id, content] of await contentOf(system, neighbours))
    if (content !== before.get(id)) findings.push(`${id}, for whom nothing was asked, is not what it was`);
  for (const finding of findings) console.error(finding);
  for (const [what, times] of Object.entries({ ...tally.counts, ...struck }))
    console.log(`${String(times).padStart(6)}  ${what}`);
  const lower = { better: 'lower' } as const;
  const grown = { api: growth(memory.map(({ api }) => api)), worker: growth(memory.map(({ worker }) => worker)) };
  const writes = [...writers.values()].reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  report(
    {
      bench: 'soak',
      results: [
        { name: 'findings', value: findings.length, unit: '', aim: 0, ...lower },
        { name: 'operations', value: operations.length, unit: '', aim: null, better: 'higher' },
        { name: 'operations that ask a person', value: asking.size, unit: '', aim: null, ...lower },
        {
          name: 'faults',
          value: Object.values(struck).reduce((sum, one) => sum + one, 0),
          unit: '',
          aim: null,
          better: 'higher',
        },
        { name: 'writes acknowledged', value: writes, unit: '', aim: null, better: 'higher' },
        {
          name: 'memory of the API, last third',
          value: grown.api,
          unit: 'of the first',
          aim: mostGrowth,
          ...lower,
        },
        {
          name: 'memory of a worker, last third',
          value: grown.worker,
          unit: 'of the first',
          aim: mostGrowth,
          ...lower,
        },
      ],
      samples: { memory, findings, seed: [options.seed] },
      units: { memory: 'MB' },
    },
    options,
  );
  if (findings.length > 0 || grown.api > mostGrowth || grown.worker > mostGrowth) process.exitCode = 1;
} finally {
  await system.close();
}
