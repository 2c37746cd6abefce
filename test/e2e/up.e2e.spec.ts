import { once } from 'node:events';
import { lstat, mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BerthHome, isProcessAlive } from '@berth/testing';

interface Part {
  readonly name: string;
  readonly state: string;
  readonly healthy: boolean;
  readonly port: number | null;
  readonly pid: number | null;
  readonly restarts: number;
}

interface Status {
  readonly state: string;
  readonly api: string;
  readonly parts: readonly Part[];
  readonly problems: readonly { readonly what: string; readonly type: string }[];
}

const minute = 60_000;

async function statusOf(home: BerthHome, code = 0): Promise<Status> {
  return home.json<Status>(['status'], code);
}

function pidOf(status: Status, name: string): number {
  const pid = status.parts.find((part) => part.name === name)?.pid;
  if (typeof pid !== 'number') throw new Error(`${name} has no process`);
  return pid;
}

async function expectEnded(parts: readonly Part[]): Promise<void> {
  const alive = await Promise.all(parts.map(async ({ pid }) => pid !== null && (await isProcessAlive(pid))));
  expect(parts.filter((_, index) => alive[index])).toEqual([]);
}

async function until(what: string, condition: () => Promise<boolean> | boolean, deadlineMs = 60_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`it did not come: ${what}`);
    await pause(50);
  }
}

/** `berth status` exits with 3 while something is being started again. */
async function untilHealthy(home: BerthHome): Promise<void> {
  await until('a healthy system', async () => (await home.run(['status'])).code === 0);
}

describe('berth up', () => {
  let home: BerthHome;

  beforeAll(async () => {
    home = await BerthHome.create();
    await home.up();
  }, 2 * minute);

  afterAll(async () => {
    await home.remove();
  }, minute);

  it('keeps everything in one folder that nobody else may enter', async () => {
    expect((await stat(home.folder)).mode & 0o777).toBe(0o700);
    expect((await stat(path.join(home.folder, 'api-key'))).mode & 0o777).toBe(0o600);
    const status = await statusOf(home);
    expect(status.state).toBe('healthy');
    expect(status.parts.map(({ name }) => name)).toEqual(['supervisor', 'api', 'worker', 'catalog', 'shared-1']);
  });

  it('writes the password of the cluster admin in no log and in no file of its own', async () => {
    const files = ['state.json', 'ports.json', 'berth.json', 'logs/api.log', 'logs/worker.log', 'logs/supervisor.log'];
    const texts = await Promise.all(files.map((file) => readFile(path.join(home.folder, file), 'utf8')));
    const key = (await readFile(path.join(home.folder, 'api-key'), 'utf8')).trim();
    for (const text of texts) {
      expect(text).not.toMatch(/postgres(ql)?:\/\/[^:@\s]+:(?!\*)[^@\s]+@/);
      expect(text).not.toContain(key);
    }
  });

  it('says that it runs already, and refuses other migrations while it does', async () => {
    const again = await home.run(['up', '--detach']);
    expect(again.code).toBe(0);
    expect(again.stderr).toContain('runs already');
    const other = await home.run(['up', '--detach', '--migrations', home.file('migrations')]);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('berth down');
  });

  it('starts a program again that ended by itself, and says how often', async () => {
    const before = await statusOf(home);
    process.kill(pidOf(before, 'api'), 'SIGKILL');
    await until('a new API', async () => (await home.run(['status', '--json'])).stdout.includes('"restarts": 1'));
    await untilHealthy(home);
    const after = await statusOf(home);
    expect(pidOf(after, 'api')).not.toBe(pidOf(before, 'api'));
    expect(after.parts.find(({ name }) => name === 'api')?.restarts).toBe(1);
  });

  it('starts a PostgreSQL server again that was killed', async () => {
    const before = await statusOf(home);
    process.kill(pidOf(before, 'shared-1'), 'SIGKILL');
    await until('a new server', async () => {
      const now = JSON.parse((await home.run(['status', '--json'])).stdout) as Status;
      const pid = now.parts.find(({ name }) => name === 'shared-1')?.pid ?? null;
      return pid !== null && pid !== pidOf(before, 'shared-1');
    });
    await untilHealthy(home);
  });

  it(
    'tells that nobody watches when the supervisor was killed, and takes over at the next up',
    async () => {
      const before = await statusOf(home);
      process.kill(pidOf(before, 'supervisor'), 'SIGKILL');
      await until('the end of the supervisor', async () => !(await isProcessAlive(pidOf(before, 'supervisor'))));
      const orphaned = await statusOf(home, 3);
      expect(orphaned.state).toBe('unhealthy');
      expect(orphaned.problems).toContainEqual(expect.objectContaining({ type: 'berth up' }));

      const run = await home.up();
      expect(run.stderr).toContain('left behind');
      const after = await statusOf(home);
      await expectEnded(before.parts.filter(({ name }) => ['supervisor', 'api', 'worker'].includes(name)));
      // The servers had no reason to stop.
      for (const name of ['catalog', 'shared-1']) expect(pidOf(after, name)).toBe(pidOf(before, name));
    },
    minute,
  );

  it.each(['api', 'worker', 'catalog', 'shared-1'])(
    'survives that everything was killed with -9 at once, %s first',
    async (first) => {
      await home.run(['tenants', 'create', `kept-${first}`]);
      const before = await statusOf(home);
      // The supervisor goes too, else it would start them again.
      for (const name of ['supervisor', first, 'api', 'worker', 'catalog', 'shared-1']) {
        if (await isProcessAlive(pidOf(before, name))) process.kill(pidOf(before, name), 'SIGKILL');
      }
      await home.up();
      expect((await statusOf(home)).state).toBe('healthy');
      const tenant = await home.json<{ readonly state: string }>(['tenants', 'show', `kept-${first}`]);
      expect(tenant.state).toBe('ready');
    },
    minute,
  );

  it(
    'says of a program that runs and does not answer that it does not, and nothing else',
    async () => {
      const api = pidOf(await statusOf(home), 'api');
      process.kill(api, 'SIGSTOP');
      const { state, problems } = await statusOf(home, 3).finally(() => process.kill(api, 'SIGCONT'));
      expect(state).toBe('unhealthy');
      expect(problems).toEqual([
        {
          what: expect.stringMatching(
            /^api runs and is not ready: it does not answer within 5 s at port \d+$/,
          ) as string,
          type: expect.stringMatching(/^tail /) as string,
        },
      ]);
      await untilHealthy(home);
    },
    2 * minute,
  );

  it(
    'has the dedicated instances running when it says that it is ready, killed ones too',
    async () => {
      await home.run(['tenants', 'create', 'large', '--plan', 'enterprise']);
      const instance = 'dedicated-large-g1';
      const before = await statusOf(home);
      expect(before.parts.map(({ name }) => name)).toContain(instance);
      for (const name of ['supervisor', 'worker', instance]) process.kill(pidOf(before, name), 'SIGKILL');
      await home.up();
      const after = await statusOf(home);
      expect(after.state).toBe('healthy');
      expect(pidOf(after, instance)).not.toBe(pidOf(before, instance));
      await home.run(['tenants', 'delete', 'large', '--now', '--reason', 'tried']);
      expect((await statusOf(home)).parts.map(({ name }) => name)).not.toContain(instance);
    },
    2 * minute,
  );

  it(
    'says whose port it is when somebody else took the one of the shared cluster',
    async () => {
      const { parts } = await statusOf(home);
      const port = parts.find(({ name }) => name === 'shared-1')?.port ?? 0;
      await home.run(['down']);
      const other = createServer().listen(port, '127.0.0.1');
      await once(other, 'listening');
      const refused = await home.run(['up', '--detach']);
      expect(refused.code).toBe(3);
      expect(refused.stderr).toContain(`Port ${String(port)}`);
      expect((await statusOf(home, 3)).state).toBe('stopped');
      other.close();
      await once(other, 'close');
      await home.up();
      expect((await statusOf(home)).parts.find(({ name }) => name === 'shared-1')?.port).toBe(port);
    },
    minute,
  );

  it(
    'stops everything, keeps its ports, and tells when it is ready again',
    async () => {
      const before = await statusOf(home);
      const down = await home.run(['down']);
      expect(down.code).toBe(0);
      await expectEnded(before.parts);
      const stopped = await statusOf(home, 3);
      expect(stopped.state).toBe('stopped');

      const run = await home.up();
      expect(run.stdout).toMatch(/ready after \d/);
      const after = await statusOf(home);
      expect(after.api).toBe(before.api);
    },
    2 * minute,
  );
});

describe('berth up in the foreground', () => {
  it(
    'stops all of it cleanly on Ctrl-C',
    async () => {
      const home = await BerthHome.create();
      try {
        const command = home.start(['up']);
        await command.said('Berth is ready');
        const status = await statusOf(home);
        command.child.kill('SIGINT');
        const run = await command.ended;
        expect(run.code).toBe(0);
        await expectEnded(status.parts);
        expect(await home.processes()).toEqual([]);
      } finally {
        await home.remove();
      }
    },
    2 * minute,
  );

  it(
    'warns at the second Ctrl-C, kills at the third, and starts again where it was',
    async () => {
      const home = await BerthHome.create();
      try {
        const command = home.start(['up']);
        await command.said('Berth is ready');
        const status = await statusOf(home);
        // A worker that hears nothing: the clean stop would wait for it.
        process.kill(pidOf(status, 'worker'), 'SIGSTOP');
        command.child.kill('SIGINT');
        await command.said('stopping');
        command.child.kill('SIGINT');
        await command.said('once more kills');
        command.child.kill('SIGINT');
        expect((await command.ended).code).toBe(130);
        await expectEnded(status.parts);
        await home.up();
        expect((await statusOf(home)).state).toBe('healthy');
      } finally {
        await home.remove();
      }
    },
    2 * minute,
  );

  it(
    'stops what it had started when Ctrl-C comes during the start',
    async () => {
      const home = await BerthHome.create();
      try {
        const command = home.start(['up']);
        await command.said('PostgreSQL servers:');
        command.child.kill('SIGINT');
        expect((await command.ended).code).toBe(130);
        expect(await home.processes()).toEqual([]);
      } finally {
        await home.remove();
      }
    },
    2 * minute,
  );
});

const asRoot = process.getuid?.() === 0 ? it : it.skip;

describe('a folder that the servers’ user cannot reach', () => {
  asRoot(
    'gets its data elsewhere, and leaves nothing there',
    async () => {
      const home = await BerthHome.create();
      try {
        const hidden = home.file('hidden');
        await mkdir(hidden, { mode: 0o700 });
        const folder = path.join(hidden, 'system');
        const run = await home.run(['up', '--detach', '--home', folder]);
        expect(run.stderr).not.toContain('failed');
        expect(run.code).toBe(0);
        const real = await realpath(folder);
        expect(real).not.toBe(folder);
        expect((await home.run(['tenants', 'create', 'far-away', '--home', folder])).code).toBe(0);
        expect((await home.run(['down', '--destroy', '--yes', '--home', folder])).code).toBe(0);
        for (const gone of [folder, real]) await expect(lstat(gone)).rejects.toMatchObject({ code: 'ENOENT' });
        expect(await home.processes()).toEqual([]);
      } finally {
        await home.remove();
      }
    },
    2 * minute,
  );
});

describe('two systems in two folders', () => {
  it(
    'do not meet',
    async () => {
      const [one, other] = await Promise.all([BerthHome.create(), BerthHome.create()]);
      try {
        await Promise.all([one.up(), other.up()]);
        await one.run(['tenants', 'create', 'only-here']);
        const [first, second] = await Promise.all([statusOf(one), statusOf(other)]);
        const ports = [...first.parts, ...second.parts].flatMap(({ port }) => (port === null ? [] : [port]));
        expect(new Set(ports).size).toBe(ports.length);
        expect((await other.run(['tenants', 'show', 'only-here'])).code).toBe(2);
        // The key of one opens nothing in the other.
        const crossed = await one.run([
          'tenants',
          'list',
          '--api',
          second.api,
          '--key-file',
          path.join(one.folder, 'api-key'),
        ]);
        expect(crossed.code).toBe(2);
        await one.run(['down', '--destroy', '--yes']);
        expect((await statusOf(other)).state).toBe('healthy');
      } finally {
        await Promise.all([one.remove(), other.remove()]);
      }
    },
    3 * minute,
  );
});

describe('berth down --destroy', () => {
  it(
    'asks first, and leaves no file and no process',
    async () => {
      const home = await BerthHome.create();
      try {
        await home.up();
        const status = await statusOf(home);
        const unasked = await home.run(['down', '--destroy']);
        expect(unasked.code).toBe(2);
        expect((await statusOf(home)).state).toBe('healthy');

        expect((await home.run(['down', '--destroy', '--yes'])).code).toBe(0);
        await expect(stat(home.folder)).rejects.toMatchObject({ code: 'ENOENT' });
        await expectEnded(status.parts);
        expect(await home.processes()).toEqual([]);
        expect((await home.run(['status'])).code).toBe(3);
        expect((await home.run(['down'])).code).toBe(0);
      } finally {
        await home.remove();
      }
    },
    2 * minute,
  );

  it(
    'touches no folder that is not its own',
    async () => {
      const home = await BerthHome.create();
      try {
        const elsewhere = home.file('elsewhere');
        await mkdir(elsewhere);
        await writeFile(path.join(elsewhere, 'mine.txt'), 'mine');
        const up = await home.run(['up', '--detach', '--home', elsewhere]);
        expect(up.code).toBe(2);
        expect(up.stderr).toContain('mine.txt');
        await home.run(['down', '--destroy', '--yes', '--home', elsewhere]);
        expect(await readFile(path.join(elsewhere, 'mine.txt'), 'utf8')).toBe('mine');
      } finally {
        await home.remove();
      }
    },
    minute,
  );
});
