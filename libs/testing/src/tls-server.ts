import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestPostgres } from './postgres-server.js';
import type { TestPart } from './when-available.js';

const run = promisify(execFile);

export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority made with openssl, for one test file. */
export interface TestAuthority {
  /** Its own certificate, PEM. */
  readonly ca: string;
  /** A certificate for these names, such as `DNS:localhost` or `IP:127.0.0.1`. */
  issue(names: readonly string[], days?: number): Promise<TestCertificate>;
  remove(): Promise<void>;
}

export async function opensslPart(): Promise<TestPart> {
  const found = await run('openssl', ['version']).then(
    () => true,
    () => false,
  );
  return { name: 'openssl', missing: found ? undefined : 'it is not on PATH (apt-get install openssl)' };
}

export async function makeAuthority(name = 'Berth test authority'): Promise<TestAuthority> {
  const folder = await mkdtemp(path.join(tmpdir(), 'berth-ca-test-'));
  const file = (short: string): string => path.join(folder, short);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '365',
    '-subj',
    `/CN=${name}`,
  );
  let issued = 0;
  return {
    ca: await readFile(file('ca.pem'), 'utf8'),
    async issue(names, days = 90) {
      issued += 1;
      const [request, key, pem, extensions] = ['csr', 'key', 'pem', 'ext'].map((end) => `${String(issued)}.${end}`);
      await writeFile(file(extensions!), `subjectAltName=${names.join(',')}\n`);
      await openssl('req', ...newKey, '-keyout', key!, '-out', request!, '-subj', '/CN=not-looked-at');
      const signed = [
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-days',
        String(days),
        '-extfile',
        extensions!,
      ];
      await openssl('x509', '-req', '-in', request!, '-out', pem!, ...signed);
      const [certificate, secret] = await Promise.all([readFile(file(pem!), 'utf8'), readFile(file(key!), 'utf8')]);
      return { certificate, key: secret };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** From now on the server shows this certificate, and lets nobody in by TCP without TLS. */
export async function requireTls(server: TestPostgres, { certificate, key }: TestCertificate): Promise<void> {
  const data = await server.psql('SHOW data_directory');
  const { uid, gid } = await stat(data);
  for (const [name, text] of [
    ['test-server.pem', certificate],
    ['test-server.key', key],
  ] as const) {
    await writeFile(path.join(data, name), text);
    await chmod(path.join(data, name), 0o600);
    await chown(path.join(data, name), uid, gid);
  }
  const access = path.join(data, 'pg_hba.conf');
  const rules = await readFile(access, 'utf8');
  await writeFile(access, rules.replace(/^host (?=.*scram)/gm, 'hostssl '));
  await server.psql("ALTER SYSTEM SET ssl_cert_file = 'test-server.pem'");
  await server.psql("ALTER SYSTEM SET ssl_key_file = 'test-server.key'");
  await server.psql('ALTER SYSTEM SET ssl = on');
  await server.psql('SELECT pg_reload_conf()');
  // A reload is heard by the postmaster a moment later: a new session then sees it.
  const end = performance.now() + 10_000;
  while ((await server.psql('SHOW ssl')) !== 'on') {
    if (performance.now() > end) throw new Error('the server does not take the certificate: see its log');
  }
}
