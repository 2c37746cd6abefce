import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { distributionLines, distributionsOf, type Units } from './distribution.js';
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
  /** Of the samples, where their names do not say it (`heldMs`, `hashedBytes`). */
  readonly units?: Units;
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

interface Asked {
  readonly json: boolean;
  /** The folder into which the same JSON goes, beside the charts; empty: nowhere. */
  readonly charts: string;
}

/** Prints for people the results, how every sample was distributed, and the machine; and when asked one JSON object as the last line. */
export function report({ bench, results, samples, units }: Measured, asked: Asked): void {
  const judged = results.map((result) => ({ ...result, value: rounded(result.value), met: isMet(result) }));
  for (const { name, value, unit, aim, met } of judged) {
    const wanted = aim === null ? '' : `aim ${String(aim)}${met === true ? '' : '   MISSED'}`;
    console.log(`${name.padEnd(44)} ${String(value).padStart(9)} ${unit.padEnd(12)} ${wanted}`);
  }
  const distributions = distributionsOf(samples, units);
  if (distributions.length > 0) console.log(['', ...distributionLines(distributions), ''].join('\n'));
  const here = machine();
  console.log(machineLines(here).join('\n'));
  const json = JSON.stringify({ bench, results: judged, samples, machine: here });
  if (asked.charts !== '') keep(path.resolve(asked.charts), `${bench}.json`, json);
  if (asked.json) console.log(json);
}

function machineLines(here: ReturnType<typeof machine>): readonly string[] {
  const { cpu, cores, memoryBytes, hashedMegabytes, roundTripMs, node, platform } = here;
  return [
    `a core hashes ${hashedMegabytes.toFixed(0)} MB/s, a loopback round trip takes ${roundTripMs.toFixed(3)} ms`,
    `${String(cores)} cores, ${cpu}; ${(memoryBytes / 2 ** 30).toFixed(1)} GiB; Node ${node}, ${platform}`,
    `load ${loadText(here.loadAtStart)} before, ${loadText(here.loadAtEnd)} after; ${here.at}`,
  ];
}

function keep(folder: string, name: string, json: string): void {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  writeFileSync(file, `${json}\n`);
  console.log(`figures: ${file}`);
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
