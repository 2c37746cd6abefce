import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BerthHome } from '@berth/testing';

describe('the berth command', () => {
  let home: BerthHome;
  let migrations: string;

  const migration = (text: string): Promise<void> => writeFile(path.join(migrations, '001_product.sql'), text);

  beforeAll(async () => {
    home = await BerthHome.create();
    migrations = home.file('migrations');
    await mkdir(migrations);
    await migration('CREATE TABLE album (album_id serial PRIMARY KEY, title text NOT NULL);\n');
    const run = await home.run(['up', '--detach', '--migrations', migrations]);
    if (run.code !== 0) throw new Error(run.stderr);
  });

  afterAll(async () => {
    await home.remove();
  });

  it('teaches by help, and names the exit codes', async () => {
    const help = await home.run(['--help']);
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('Exit codes:');
    expect(help.stdout).toContain('Examples:');
    const create = await home.run(['tenants', 'create', '--help']);
    expect(create.stdout).toContain('--dry-run');
    expect(create.stdout).toContain('--json');
  });

  it.each([
    [['tenant', 'creat', 'acme'], /Did you mean create/],
    [['tennants', 'list'], /Did you mean tenants/],
    [['tenants', 'create', 'acme', '--plam', 'pro'], /Did you mean --plan/],
    [['tenants', 'create'], /missing required argument 'id'/],
    [['tenants', 'list', '--limit', 'many'], /whole number/],
    [['moves', 'start', 'acme', '--to', 'moon'], /Allowed choices are shared, dedicated/],
  ])('answers %j with a suggestion and exit code 2', async (args, sentence) => {
    const run = await home.run(args);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(sentence);
    expect(run.stdout).toBe('');
  });

  it('creates, shows and lists a tenant, for people and for programs', async () => {
    const dry = await home.run(['tenants', 'create', 'acme-corp', '--dry-run']);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain('Nothing was done');
    const created = await home.run(['tenants', 'create', 'acme-corp']);
    expect(created.code).toBe(0);
    expect(created.stderr).toMatch(/✓ +1 .+ms/);
    expect(created.stdout).toContain('succeeded');
    const shown = await home.json<{ readonly state: string; readonly plan: string }>(['tenants', 'show', 'acme-corp']);
    expect(shown).toMatchObject({ state: 'ready', plan: 'starter' });
    const list = await home.json<{ readonly items: readonly { readonly id: string }[] }>(['tenants', 'list']);
    expect(list.items.map(({ id }) => id)).toContain('acme-corp');
    const table = await home.run(['tenants', 'list']);
    expect(table.stdout.split('\n').every((line) => line.length <= 120)).toBe(true);
    expect(table.stdout).not.toContain('\u001b');
  });

  it.each([
    [['tenants', 'create', 'Acme Corp'], 2, 'invalid-name'],
    [['tenants', 'create', 'acme-corp'], 2, 'tenant-exists'],
    [['tenants', 'create', 'other', '--plan', 'none-such'], 2, 'plan-not-found'],
    [['tenants', 'show', 'nobody'], 2, 'tenant-not-found'],
    [['operations', 'show', '0192f3a4-5b6c-7d8e-9f00-112233445566'], 2, 'operation-not-found'],
    [['tenants', 'list', '--api', 'http://127.0.0.1:9', '--key-file', 'KEY'], 3, 'api-unreachable'],
  ] as const)('answers %j with exit code %i and the code %s', async (args, exitCode, code) => {
    const keyFile = path.join(home.folder, 'api-key');
    const all = args.map((arg) => (arg === 'KEY' ? keyFile : arg));
    const run = await home.run([...all, '--json']);
    expect(run.code).toBe(exitCode);
    const { error } = JSON.parse(run.stdout) as { readonly error: { readonly code: string; readonly message: string } };
    expect(error.code).toBe(code);
    expect(run.stderr).toContain(error.message);
    expect(run.stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
  });

  it('asks for a key where an address is given without one', async () => {
    const run = await home.run(['tenants', 'list', '--api', 'http://127.0.0.1:9']);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('--key-file');
  });

  it('leaves the operation running when Ctrl-C ends the watching', async () => {
    await migration('SELECT pg_sleep(2);\nCREATE TABLE slow (id int);\n');
    const command = home.start(['tenants', 'create', 'slow-one']);
    await command.said(/✓ +1 /);
    command.child.kill('SIGINT');
    const run = await command.ended;
    expect(run.code).toBe(130);
    expect(run.stderr).toContain('The operation goes on');
    const id = /operations watch (\S+)/.exec(run.stderr)?.[1] ?? '';
    const watched = await home.run(['operations', 'watch', id]);
    expect(watched.code).toBe(0);
    expect(watched.stdout).toContain('succeeded');
  });

  it('says which migration failed, exits with 4, and goes on when it is put right', async () => {
    await migration('CREATE TABLE album (album_id serial PRIMARY KEY);\nCREATE TABEL oops ();\n');
    const failed = await home.run(['tenants', 'create', 'broken']);
    expect(failed.code).toBe(4);
    expect(failed.stderr).toContain('001_product.sql');
    const id = /operations retry (\S+)/.exec(failed.stderr)?.[1] ?? '';
    const shown = await home.run(['tenants', 'show', 'broken']);
    expect(shown.stdout).toContain('001_product.sql');
    await migration('CREATE TABLE album (album_id serial PRIMARY KEY);\n');
    const retried = await home.run(['operations', 'retry', id]);
    expect(retried.stderr).not.toContain('needs an operator');
    expect(retried.code).toBe(0);
  });

  it('takes the password of a cluster from stdin or a file, and reports everything that the checks find', async () => {
    const run = await home.run(
      [
        'clusters',
        'register',
        'far-away',
        '--host',
        '127.0.0.1',
        '--port',
        '9',
        '--ssl-mode',
        'disable',
        '--password-stdin',
      ],
      { input: 'secret-word\n' },
    );
    expect(run.code).not.toBe(0);
    expect(run.stderr).toContain('far-away');
    expect(run.stdout + run.stderr).not.toContain('secret-word');
    const empty = await home.run(['clusters', 'register', 'far-away', '--host', '127.0.0.1', '--password-stdin'], {
      input: '',
    });
    expect(empty.code).toBe(2);
  });

  it('makes a key that may read only, once on stdout, and revokes it', async () => {
    const created = await home.run(['keys', 'create', 'reader', '--scope', 'tenants:read']);
    expect(created.stdout).toMatch(/^berth_[\w-]{43}\n$/);
    const file = home.file('reader.key');
    await writeFile(file, created.stdout);
    const env = { BERTH_API_KEY_FILE: file };
    expect((await home.run(['tenants', 'list'], { env })).code).toBe(0);
    const refused = await home.run(['tenants', 'create', 'not-allowed'], { env });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('tenants:write');
    const { items } = await home.json<{ readonly items: readonly { readonly id: string; readonly name: string }[] }>([
      'keys',
      'list',
    ]);
    const id = items.find(({ name }) => name === 'reader')?.id ?? '';
    expect((await home.run(['keys', 'revoke', id])).code).toBe(0);
    expect((await home.run(['tenants', 'list'], { env })).code).toBe(2);
  });

  it('suspends, resumes, repairs, and puts into quarantine', async () => {
    expect((await home.run(['tenants', 'suspend', 'acme-corp', '--reason', 'unpaid'])).code).toBe(0);
    expect((await home.run(['tenants', 'show', 'acme-corp'])).stdout).toContain('suspended');
    expect((await home.run(['tenants', 'resume', 'acme-corp'])).code).toBe(0);
    expect((await home.run(['tenants', 'repair', 'acme-corp'])).code).toBe(0);
    expect((await home.run(['tenants', 'delete', 'acme-corp', '--reason', 'contract ended'])).code).toBe(0);
    expect((await home.run(['tenants', 'list', '--state', 'quarantined'])).stdout).toContain('acme-corp');
  });

  it('verifies the audit chain', async () => {
    const run = await home.run(['audit', 'verify']);
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/\d+ entries fit together/);
    expect((await home.run(['audit', 'list'])).stdout).toContain('create-tenant');
  });

  it('completes words in bash, and its zsh script has the same words', async () => {
    const script = (await home.run(['completion', 'bash'])).stdout;
    const complete = (...words: readonly string[]): readonly string[] => {
      const line = words.map((word) => `'${word}'`).join(' ');
      const tail = `COMP_WORDS=(${line}); COMP_CWORD=${String(words.length - 1)}; _berth; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-euc', `${script}\n${tail}`], {
        encoding: 'utf8',
      });
      expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
      return stdout.trim().split('\n');
    };
    expect(complete('berth', 'ten')).toEqual(['tenants']);
    expect(complete('berth', 'tenants', 'cr')).toEqual(['create']);
    expect(complete('berth', 'tenants', 'create', 'acme', '--dry')).toEqual(['--dry-run']);
    expect(complete('berth', 'moves', 'start', 'acme', '--to', '')).toEqual(['shared', 'dedicated']);
    expect(complete('berth', 'completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh']));
    const zsh = (await home.run(['completion', 'zsh'])).stdout;
    expect(zsh).toContain('bashcompinit');
    expect(zsh).toContain("'tenants create')");
  });

  it('has nothing of a secret in its logs', async () => {
    const key = (await readFile(path.join(home.folder, 'api-key'), 'utf8')).trim();
    for (const name of ['api', 'worker']) {
      const log = await readFile(path.join(home.folder, 'logs', `${name}.log`), 'utf8');
      expect(log).not.toContain(key);
      expect(log).not.toContain('secret-word');
    }
  });
});
