import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runProgram } from '@berth/local-postgres';
import { postgresMajors, startPostgres, type TestPostgres } from './postgres-server.js';

const ask = async (server: TestPostgres, url: string, sql: string) =>
  runProgram(path.join(server.bin, 'psql'), ['-X', '-A', '-t', '-w', '-d', url, '-c', sql]);

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error('the condition did not come true in 20 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('startPostgres', () => {
  it('gives an admin, a superuser and databases, survives kill -9, and leaves nothing', async () => {
    const server = await startPostgres({ settings: { max_connections: 17 } });
    const database = await server.createDatabase();
    expect(await ask(server, server.adminUrl(database), 'CREATE TABLE t AS SELECT 7 AS n')).toMatchObject({ code: 0 });
    expect(
      (await ask(server, server.superuserUrl(), 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).stdout,
    ).toBe('t\n');
    expect(await server.psql(`SELECT rolsuper FROM pg_roles WHERE rolname = '${server.admin.user}'`)).toBe('f');
    expect(await server.psql('SHOW max_connections')).toBe('17');
    const { port } = server;
    await server.kill9();
    expect((await ask(server, server.adminUrl(database), 'SELECT n FROM t')).code).not.toBe(0);
    await server.start();
    expect(server.port).toBe(port);
    expect((await ask(server, server.adminUrl(database), 'SELECT n FROM t')).stdout).toBe('7\n');
    const data = await server.psql('SHOW data_directory');
    await server.stop();
    expect(existsSync(path.dirname(path.dirname(data)))).toBe(false);
  });

  it('ends and is removed when its process is killed', async () => {
    const program = `
      const { startPostgres } = await import('@berth/testing');
      const server = await startPostgres();
      const pid = (await server.psql("SELECT pg_read_file('postmaster.pid')")).split('\\n')[0];
      console.log(JSON.stringify({ pid, data: await server.psql('SHOW data_directory') }));
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { pid, data } = JSON.parse(String(line)) as { readonly pid: string; readonly data: string };
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    child.kill('SIGKILL');
    await until(() => !existsSync(`/proc/${pid}/cwd`) && !existsSync(path.dirname(path.dirname(data))));
    expect(readdirSync(tmpdir())).not.toContain(path.basename(path.dirname(path.dirname(data))));
  });

  it('starts every major version that is offered', async () => {
    const majors = await postgresMajors();
    expect(majors.length).toBeGreaterThan(0);
    for (const { major, bin } of majors) {
      const server = await startPostgres({ major });
      expect(server.bin).toBe(bin);
      expect(await server.psql('SHOW server_version_num')).toMatch(new RegExp(`^${String(major)}`));
      await server.stop();
    }
    await expect(startPostgres({ major: 3 })).rejects.toThrow('PostgreSQL 3 is not here');
  });
});
