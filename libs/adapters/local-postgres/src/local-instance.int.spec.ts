import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { scramVerifier } from '@berth/domain';
import { localInstanceProgram } from './local-instance-program.js';
import { runProgram } from './run-program.js';

const repository = path.resolve(import.meta.dirname, '../../../..');

describe('the command line of a local instance', () => {
  let top: string;
  const verifier = scramVerifier('s3cret');

  const run = async (args: readonly string[], env: Record<string, string> = {}) => {
    const { code, stdout } = await runProgram(process.execPath, [localInstanceProgram, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
    expect(stdout.split('\n')).toHaveLength(2);
    return { code, line: JSON.parse(stdout) as Readonly<Record<string, unknown>> };
  };

  beforeAll(async () => {
    execFileSync(process.execPath, [path.join(repository, 'scripts', 'build.mjs')]);
    top = await mkdtemp(path.join(tmpdir(), 'berth-instance-'));
    await chmod(top, 0o711);
  });

  afterAll(async () => {
    await run(['destroy', '--dir', path.join(top, 'one')]);
    await rm(top, { recursive: true, force: true });
  });

  it('makes a server that outlives it, with an admin login, by repeatable verbs', async () => {
    const on = ['--dir', path.join(top, 'one')];
    expect(await run(['status', ...on])).toMatchObject({ code: 4, line: { state: 'absent' } });
    const created = await run(['create', ...on, '--purpose', 'test'], { BERTH_ADMIN_VERIFIER: verifier });
    expect(created).toMatchObject({
      code: 0,
      line: { ok: true, result: 'created', admin: 'berth_admin', host: '127.0.0.1' },
    });
    const { port, pid } = created.line;
    expect(await run(['create', ...on, '--purpose', 'test'], { BERTH_ADMIN_VERIFIER: verifier })).toMatchObject({
      code: 0,
      line: { result: 'present', port, pid, alreadyRunning: true },
    });
    expect(await run(['status', ...on])).toMatchObject({ code: 0, line: { state: 'running', port, pid } });
    expect(await readFile(`/proc/${String(pid)}/environ`, 'utf8')).not.toContain('SCRAM');
    const login = await runProgram('psql', ['-X', '-A', '-t', '-w', '-c', 'SELECT 1'], {
      env: {
        PGHOST: '127.0.0.1',
        PGPORT: String(port),
        PGUSER: 'berth_admin',
        PGPASSWORD: 's3cret',
        PGDATABASE: 'postgres',
      },
    });
    expect(login).toMatchObject({ code: 0, stdout: '1\n' });
    expect(await run(['stop', ...on])).toMatchObject({ code: 0, line: { result: 'stopped' } });
    expect(await run(['stop', ...on])).toMatchObject({ code: 0, line: { result: 'was-stopped' } });
    expect(await run(['status', ...on])).toMatchObject({ code: 3, line: { state: 'stopped', port } });
    expect(await run(['start', ...on])).toMatchObject({ code: 0, line: { port } });
    expect(await run(['destroy', ...on])).toMatchObject({ code: 0, line: { result: 'destroyed' } });
    expect(await run(['destroy', ...on])).toMatchObject({ code: 0, line: { result: 'was-absent' } });
  });

  it.each([
    [[]],
    [['fly', '--dir', '/x']],
    [['start']],
    [['start', '--dir', '/x', '--what']],
    [['create', '--dir', '/x', '--purpose', 'fun']],
  ])('answers %j with code 2 and how to use it', async (args) => {
    const { code, line } = await run(args);
    expect(code).toBe(2);
    expect(line).toMatchObject({ ok: false, code: 'invalid-request', hint: expect.stringContaining('usage:') });
  });

  it('tells another user whose server it is', async () => {
    const folder = path.join(top, 'three');
    expect(await run(['create', '--dir', folder, '--purpose', 'test'])).toMatchObject({ code: 0 });
    const stranger = { uid: 4711, gid: 4711, name: 'stranger', drops: true };
    for (const verb of ['status', 'start', 'stop', 'destroy']) {
      const args = [localInstanceProgram, verb, '--dir', folder];
      const { code, stdout } = await runProgram(process.execPath, args, { runAs: stranger });
      expect(JSON.parse(stdout)).toMatchObject({
        ok: false,
        message: expect.stringContaining('belongs to the user with the id'),
      });
      expect(code).toBe(1);
    }
    expect(await run(['status', '--dir', folder])).toMatchObject({ line: { state: 'running' } });
    expect(await run(['destroy', '--dir', folder])).toMatchObject({ code: 0 });
  });

  it('answers a failure as one line with its code', async () => {
    const missing = await run(['create', '--dir', path.join(top, 'two')], { BERTH_PG_BIN: '/nonexistent' });
    expect(missing).toMatchObject({ code: 1, line: { ok: false, code: 'postgres-programs-missing' } });
    expect(await run(['start', '--dir', path.join(top, 'two')])).toMatchObject({
      code: 1,
      line: { hint: 'Create it first.' },
    });
  });
});
