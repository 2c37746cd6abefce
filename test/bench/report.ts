import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { measureMachine } from './machine-speed.js';

export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Null: told for comparison, nobody aims at it. */
  readonly aim: number | null;
  readonly better: 'higher' | 'lower';
}

export interface Measured {
  readonly bench: string;
  readonly results: readonly Result[];
  /** Every figure that was measured, by name, in the order in which it was. */
  readonly samples: Readonly<Record<string, readonly unknown[]>>;
}

const loadAtStart = loadavg();
/** Before the benchmark begins: afterwards its own servers would be in the way. */
const speed = await measureMachine();

/** What else ran on the machine decides more than anything here: the load before and after stands beside the figures. */
function machine() {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    ...speed,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    loadAtStart,
    loadAtEnd: loadavg(),
    at: new Date().toISOString(),
  };
}

/** Prints a table for people and, when asked, one JSON object as the last line. */
export function report({ bench, results, samples }: Measured, options: { readonly json: boolean }): void {
  const judged = results.map((result) => ({ ...result, value: rounded(result.value), met: isMet(result) }));
  for (const { name, value, unit, aim, met } of judged) {
    const wanted = aim === null ? '' : `aim ${String(aim)}${met === true ? '' : '   MISSED'}`;
    console.log(`${name.padEnd(44)} ${String(value).padStart(9)} ${unit.padEnd(12)} ${wanted}`);
  }
  const { cpu, cores, loadAtStart: before, loadAtEnd: after } = machine();
  const { hashedMegabytes, roundTripMs } = speed;
  console.log(
    `a core hashes ${hashedMegabytes.toFixed(0)} MB/s, a loopback round trip takes ${roundTripMs.toFixed(3)} ms`,
  );
  console.log(`${String(cores)} cores, ${cpu}; load ${loadText(before)} before, ${loadText(after)} after`);
  if (options.json) console.log(JSON.stringify({ bench, results: judged, samples, machine: machine() }));
}

function isMet({ value, aim, better }: Result): boolean | null {
  if (aim === null) return null;
  return better === 'higher' ? value >= aim : value <= aim;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function loadText(load: readonly number[]): string {
  return (load[0] ?? 0).toFixed(1);
}
