import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { TestPostgres } from '@berth/testing';
import { secondsOf } from './rounds.js';

export interface HandCopy {
  readonly source: { readonly server: TestPostgres; readonly database: string; readonly schema: string };
  readonly target: TestPostgres;
  readonly folder: string;
  /** On top of `-Fd -j2`. */
  readonly dumpOptions: readonly string[];
}

/** `pg_dump -Fd -j2` and `pg_restore -j2` as a person types them, into a new database, which is dropped after the clock stops. */
export async function copyByHand({ source, target, folder, dumpOptions }: HandCopy): Promise<number> {
  const database = await target.createDatabase();
  const dump = path.join(folder, 'by-hand');
  const { bin } = source.server;
  try {
    return await secondsOf(async () => {
      const from = `--dbname=${source.server.superuserUrl(source.database)}`;
      const what = ['-Fd', '-j2', ...dumpOptions, `--schema=${source.schema}`, `--file=${dump}`];
      await run(path.join(bin, 'pg_dump'), [...what, from]);
      await run(path.join(bin, 'pg_restore'), ['-j2', `--dbname=${target.superuserUrl(database)}`, dump]);
    });
  } finally {
    await rm(dump, { recursive: true, force: true });
    await target.psql(`DROP DATABASE ${database}`);
  }
}

function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${String(code)}`));
    });
  });
}
