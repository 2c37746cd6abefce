// Memory of API and worker when nothing happens, and how long `berth up` takes when the system was made before.
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { BerthHome } from '@berth/testing';
import { readOptions } from './options.js';
import { report } from './report.js';
import { median } from './rounds.js';

const options = readOptions({ rounds: 5, idleSeconds: 60 });

interface Status {
  readonly parts: readonly { readonly name: string; readonly pid: number | null }[];
}

/** Resident size as the kernel counts it, shared pages of the program included. */
async function residentMegabytes(home: BerthHome, name: string): Promise<number> {
  const { parts } = await home.json<Status>(['status']);
  const pid = parts.find((part) => part.name === name)?.pid;
  if (pid === undefined || pid === null) throw new Error(`there is no running part ${name}`);
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1_024) / 1e6;
}

const home = await BerthHome.create();
const starts: number[] = [];
const memory: { api: number; worker: number }[] = [];
try {
  await home.up();
  for (let round = 0; round < options.rounds; round += 1) {
    await home.run(['down']);
    starts.push((await home.up()).ms / 1000);
  }
  // A start leaves garbage behind that an idle process gives back: this is about the hours after it.
  const until = performance.now() + options.idleSeconds * 1000;
  do {
    await pause(Math.min(10_000, Math.max(0, until - performance.now())));
    memory.push({ api: await residentMegabytes(home, 'api'), worker: await residentMegabytes(home, 'worker') });
  } while (performance.now() < until);
} finally {
  await home.remove();
}

const last = memory.at(-1) ?? { api: Number.NaN, worker: Number.NaN };
report(
  {
    bench: 'footprint',
    results: [
      { name: 'API, idle', value: last.api, unit: 'MB resident', aim: 150, better: 'lower' },
      { name: 'worker, idle', value: last.worker, unit: 'MB resident', aim: 150, better: 'lower' },
      { name: '`berth up`, second start', value: median(starts), unit: 's', aim: 5, better: 'lower' },
    ],
    samples: { starts, memory },
    units: { starts: 's', memory: 'MB' },
  },
  options,
);
