import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, rm } from 'node:fs/promises';
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

/** Where `pgcopydb` is, if it is there. */
export async function findPgcopydb(): Promise<string | null> {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const program = path.join(folder, 'pgcopydb');
    if (
      await access(program, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return program;
  }
  return null;
}

/** `pgcopydb clone` with two jobs of each kind into a new database, which is dropped after the clock stops. */
export async function cloneByPgcopydb(program: string, { source, target, folder }: HandCopy): Promise<number> {
  const database = await target.createDatabase();
  const dir = path.join(folder, 'pgcopydb');
  const { bin } = source.server;
  const what = ['clone', '--table-jobs=2', '--index-jobs=2', '--skip-extensions', '--skip-large-objects', '--no-acl'];
  const env = {
    ...process.env,
    // It runs pg_dump and pg_restore, which have to be those of the server.
    PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`,
    PGCOPYDB_SOURCE_PGURI: source.server.superuserUrl(source.database),
    PGCOPYDB_TARGET_PGURI: target.superuserUrl(database),
  };
  try {
    return await secondsOf(() => run(program, [...what, `--dir=${dir}`], env));
  } finally {
    await rm(dir, { recursive: true, force: true });
    await target.psql(`DROP DATABASE ${database} WITH (FORCE)`);
  }
}

/** What it says is told only if it fails: pgcopydb tells of each table. */
async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  const said: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return;
  const tail = Buffer.concat(said).toString().trimEnd().split('\n').slice(-5).join('\n');
  throw new Error(`${program} ended with ${String(code)}\n${tail}`);
}
