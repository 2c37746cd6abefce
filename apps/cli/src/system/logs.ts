import { rename, rm } from 'node:fs/promises';
import { openSync } from 'node:fs';
import path from 'node:path';
import type { Home } from './home.js';

const kept = 3;

export function logFile(home: Home, name: string): string {
  return path.join(home.logs, `${name}.log`);
}

/** Each start of the system begins a new file; the last three stay: `api.log.1` is the newest of them. */
export async function rotateLog(home: Home, name: string): Promise<void> {
  const file = logFile(home, name);
  await rm(`${file}.${String(kept)}`, { force: true });
  for (let number = kept - 1; number >= 1; number -= 1) {
    await rename(`${file}.${String(number)}`, `${file}.${String(number + 1)}`).catch(() => undefined);
  }
  await rename(file, `${file}.1`).catch(() => undefined);
}

export function openLog(home: Home, name: string): number {
  return openSync(logFile(home, name), 'a', 0o600);
}
