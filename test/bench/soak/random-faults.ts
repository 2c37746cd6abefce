import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from './random.js';
import type { SoakSystem } from './soak-system.js';

interface RandomFault {
  readonly name: string;
  /** Breaks it for so long, and mends it. */
  readonly strike: (system: SoakSystem, forMs: number) => Promise<void>;
}

type Line = keyof SoakSystem['lines'];

const stalls = (line: Line): RandomFault => ({
  name: `nothing comes through to ${line}`,
  async strike({ lines }, forMs) {
    const goOn = lines[line].stall();
    await pause(forMs);
    goOn();
  },
});

const drops = (line: Line): RandomFault => ({
  name: `all connections to ${line} are lost, and new ones refused`,
  async strike({ lines }, forMs) {
    lines[line].refuses = true;
    lines[line].cutAll();
    await pause(forMs);
    lines[line].refuses = false;
  },
});

const cluster = (id: 'shared-1' | 'shared-2'): RandomFault => ({
  name: `${id} is killed -9`,
  async strike({ world }, forMs) {
    await world.servers[id]!.kill9();
    await pause(forMs);
    await world.servers[id]!.start();
  },
});

const faults: readonly RandomFault[] = [
  { name: 'a worker is killed -9', strike: (system) => system.killWorker() },
  {
    name: 'the catalog is killed -9',
    async strike({ catalog }, forMs) {
      await catalog.kill9();
      await pause(forMs);
      await catalog.start();
    },
  },
  {
    name: 'the pooler is killed -9',
    async strike({ pooler }, forMs) {
      await pooler.kill9();
      await pause(forMs);
      await pooler.start();
    },
  },
  {
    name: 'all lines are slow and narrow',
    async strike({ lines }, forMs) {
      for (const line of Object.values(lines)) line.pace = { delayMs: 10, bytesPerSecond: 250_000 };
      await pause(forMs);
      for (const line of Object.values(lines)) line.pace = null;
    },
  },
  ...(['shared-1', 'shared-2'] as const).map(cluster),
  ...(['catalog', 'shared-1', 'shared-2'] as const).flatMap((line) => [stalls(line), drops(line)]),
];

/** One after another, each mended before the next; answers how often each struck. */
export async function strikeUntil(
  system: SoakSystem,
  random: Random,
  end: number,
): Promise<Readonly<Record<string, number>>> {
  const struck: Record<string, number> = {};
  for (;;) {
    await pause(random.between(5_000, 20_000));
    if (performance.now() > end) return struck;
    const { name, strike } = random.of(faults);
    await strike(system, random.between(2_000, 12_000));
    struck[name] = (struck[name] ?? 0) + 1;
  }
}
