import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LocalServer, findPostgresPrograms } from '@berth/local-postgres';
import type { LocalServerOptions, PostgresPrograms } from '@berth/local-postgres';

/** A folder of its own for each test, and the local servers that the test makes in it. */
export interface ServerPlace {
  readonly top: string;
  readonly programs: PostgresPrograms;
  /** A server of this folder below the place; nothing is made yet. */
  at(folder: string, more?: Partial<LocalServerOptions>): LocalServer;
  /** One that runs. */
  running(folder: string): Promise<LocalServer>;
  pidOf(server: LocalServer): Promise<number>;
  /** Kills the server's first process and waits until that is seen. */
  kill9(server: LocalServer): Promise<void>;
}

/** To be called in a `describe`: registers the hooks that make the folder, end the servers and remove all. */
export function serverPlace(): ServerPlace {
  let top = '';
  let programs: PostgresPrograms | undefined;
  let opened: LocalServer[] = [];

  beforeEach(async () => {
    programs ??= await findPostgresPrograms({ explicit: process.env['BERTH_PG_BIN'], path: process.env['PATH'] });
    top = await mkdtemp(path.join(tmpdir(), 'berth-local-'));
    await chmod(top, 0o711);
  });

  afterEach(async () => {
    for (const server of opened) await server.destroy();
    opened = [];
    await rm(top, { recursive: true, force: true });
  });

  return {
    get top() {
      return top;
    },
    get programs() {
      return programs!;
    },
    at(folder, more = {}) {
      const server = new LocalServer({ folder: path.join(top, folder), programs, ...more });
      opened.push(server);
      return server;
    },
    async running(folder) {
      const server = this.at(folder);
      await server.create({ purpose: 'test' });
      await server.start();
      return server;
    },
    async pidOf(server) {
      return (await server.status()).pid!;
    },
    async kill9(server) {
      process.kill(await this.pidOf(server), 'SIGKILL');
      const end = performance.now() + 10_000;
      while ((await server.status()).state !== 'stopped') {
        if (performance.now() > end) throw new Error('the killed server is still there after 10 s');
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}
