import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Progress } from '@berth/domain';
import { filesOf } from './dump-store.js';

const pollMs = 500;

/** Reports the growth of a dump's folder until `stop`. `estimate`: bytes of the tables, the best guess at the whole. */
export function watchFolder(
  folder: string,
  estimate: number,
  onProgress: (progress: Progress) => void,
): { stop(): void } {
  let busy = false;
  const look = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    const files = await filesOf(folder).catch(() => []);
    const done = files.reduce((total, { bytes }) => total + bytes, 0);
    busy = false;
    if (done > 0) onProgress({ text: 'dumping', done, total: Math.max(estimate, done), unit: 'bytes' });
  };
  const timer = setInterval(() => void look(), pollMs);
  return {
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** Counts the bytes of each table's file once pg_restore says that it is done with it. */
export async function restoreCounter(
  folder: string,
  onProgress: (progress: Progress) => void,
): Promise<(line: string) => void> {
  const sizes = new Map<string, number>();
  for (const { name } of await filesOf(folder)) {
    const id = /^(\d+)\.dat/.exec(name)?.[1];
    if (id !== undefined) sizes.set(id, (await stat(path.join(folder, name))).size);
  }
  const total = [...sizes.values()].reduce((all, size) => all + size, 0);
  let done = 0;
  return (line) => {
    const finished = /finished item (\d+) (\S.*)$/.exec(line);
    const size = finished?.[1] === undefined ? undefined : sizes.get(finished[1]);
    if (size !== undefined) {
      done += size;
      onProgress({ text: `restoring: ${finished?.[2] ?? ''}`, done, total, unit: 'bytes' });
      return;
    }
    const item = /launching item \d+ ((?:INDEX|CONSTRAINT|FK CONSTRAINT) .*)$/.exec(line)?.[1];
    if (item !== undefined) onProgress({ text: `restoring: ${item}`, done, total, unit: 'bytes' });
  };
}
