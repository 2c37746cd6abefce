import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chooseFreePort, serverUser, Watchdog } from '@berth/local-postgres';
import { postgresMajors, ServerFolder, startPostgres, type TestPostgres } from '@berth/testing';
import { readComposeFile, repository, type Service } from './compose-file.js';
import { ComposedProcess } from './composed-process.js';
import { Translation, type LocalPorts } from './translation.js';

const databases = ['catalog', 'shared-1', 'dedicated-1'] as const;
type Database = (typeof databases)[number];

/** `<service>:<port>` of everything but the databases, whose fixture chooses. */
const addresses = [
  'redis:6379',
  'vault:8200',
  'pgbouncer:6432',
  'api:8020',
  'api:8021',
  'worker-1:8022',
  'worker-2:8022',
];

/** Argument: the folder. Everything that was started for it is known by its environment. */
const endProcesses = `
for entry in /proc/[0-9]*; do
  tr '\\000' '\\n' 2>/dev/null < "$entry/environ" | grep -qxF "TEST_FOLDER=$1" && kill -9 "\${entry#/proc/}"
done
`;

/** The system of docker-compose.yml on this machine, in processes instead of containers. */
export class ComposedSystem {
  readonly file = readComposeFile();
  readonly processes = new Map<string, ComposedProcess>();
  readonly #watchdog: Watchdog;

  private constructor(
    readonly folder: ServerFolder,
    readonly servers: Readonly<Record<Database, TestPostgres>>,
    readonly ports: LocalPorts,
    readonly translation: Translation,
  ) {
    this.#watchdog = Watchdog.run(endProcesses, [folder.path]);
  }

  static async make(): Promise<ComposedSystem> {
    const folder = await ServerFolder.make('berth-compose-');
    const { services } = readComposeFile();
    const servers = {} as Record<Database, TestPostgres>;
    const ports: Record<string, number> = {};
    for (const name of databases) {
      servers[name] = await startDatabase(services[name]);
      ports[`${name}:5432`] = servers[name].port;
    }
    for (const address of addresses) ports[address] = await chooseFreePort();
    return new ComposedSystem(folder, servers, ports, new Translation(folder.path, ports));
  }

  /** What `infra/compose/prepare` and the start of the containers do before the first process runs. */
  async layOut(): Promise<void> {
    const { translation, file, folder } = this;
    for (const one of ['files', 'volumes']) await mkdir(path.join(folder.path, one), { mode: 0o711 });
    for (const name of Object.keys(file.volumes)) await mkdir(translation.volume(name), { mode: 0o700 });
    execFileSync(path.join(repository, 'infra/compose/prepare'), [translation.secrets]);
    for (const name of await readdir(translation.secrets)) {
      const secret = path.join(translation.secrets, name);
      const text = await readFile(secret, 'utf8');
      await chmod(secret, 0o600);
      await writeFile(secret, translation.addresses(text));
    }
    await this.#makeClients();
    await this.#openPoolerFolder();
    await this.#translateFiles();
    for (const name of databases) await this.#initialise(name);
  }

  /** Starts what a service runs; a second replica by `worker-2`. */
  start(name: string, change: Partial<Service> = {}): ComposedProcess {
    const service = { ...this.service(name), ...change };
    const process = new ComposedProcess(
      {
        name,
        command: [...(service.entrypoint ?? []), ...this.translation.command(name, service)],
        environment: this.environment(name, service),
        cwd: repository,
        health: this.translation.health(name, service),
        stopSignal: service.stop_signal ?? 'SIGTERM',
        ...(change.user !== undefined && { runAs: userOf(change.user) }),
      },
      this.folder.path,
    );
    this.processes.set(name, process);
    return process;
  }

  service(name: string): Service {
    const service = this.file.services[name.replace(/^worker-\d$/, 'worker')];
    if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
    return service;
  }

  environment(name: string, service = this.service(name)): Record<string, string> {
    const { PATH = '' } = process.env;
    const own = this.translation.environment(name, service);
    // The image has them where systems have them.
    const programs = service.environment?.['BERTH_DUMPS_DIR'] === undefined ? {} : { BERTH_PG_BIN: this.#clients };
    return { PATH: `${PATH}:/usr/sbin:/sbin`, ...own, ...programs, TEST_FOLDER: this.folder.path };
  }

  /** A file in a named volume, as a container there would write it. */
  async put(volume: string, name: string, text: string): Promise<void> {
    await writeFile(path.join(this.translation.volume(volume), name), text, { mode: 0o600 });
  }

  async secret(name: string): Promise<string> {
    return (await readFile(path.join(this.translation.secrets, name), 'utf8')).trim();
  }

  url(address: string): string {
    return `http://127.0.0.1:${String(this.ports[address])}`;
  }

  async close(): Promise<void> {
    await Promise.all([...this.processes.values()].map((one) => one.kill9()));
    await Promise.all(Object.values(this.servers).map((server) => server.stop()));
    await this.folder.remove();
    this.#watchdog.dismiss();
  }

  get #clients(): string {
    return path.join(this.folder.path, 'clients');
  }

  /** PostgreSQL's client programs and no server's, as in the image. */
  async #makeClients(): Promise<void> {
    await mkdir(this.#clients, { mode: 0o755 });
    const { bin } = this.servers['shared-1'];
    for (const name of ['pg_dump', 'pg_restore', 'psql'])
      await symlink(path.join(bin, name), path.join(this.#clients, name));
  }

  /** In its container PgBouncer is the user that Berth is; here it may not be root and reads by its group. */
  async #openPoolerFolder(): Promise<void> {
    const pooler = this.translation.volume('pooler');
    const user = await serverUser();
    if (user.drops) await chown(pooler, process.getuid?.() ?? 0, user.gid);
    await chmod(pooler, 0o2750);
  }

  async #translateFiles(): Promise<void> {
    const { translation, ports } = this;
    const put = async (name: string, inside: string, change: (text: string) => string): Promise<void> => {
      const service = this.service(name);
      const original = (service.volumes ?? []).find((line) => line.includes(`:${inside}`))?.split(':')[0] ?? '';
      const text = await readFile(path.join(repository, original), 'utf8');
      await writeFile(translation.paths(service, inside), change(translation.paths(service, text)), { mode: 0o644 });
    };
    await put('redis', '/etc/redis/redis.conf', (text) =>
      text
        .replace('bind * -::*', 'bind 127.0.0.1')
        .replace('port 6379', `port ${String(ports['redis:6379'])}`)
        .replace('dir /data', `dir ${this.folder.path}`),
    );
    const pooler = this.service('pgbouncer');
    const sample = await readFile(path.join(repository, 'infra/pgbouncer/pgbouncer.ini'), 'utf8');
    const samplePath = path.join(this.folder.path, 'files', 'sample.ini');
    await writeFile(samplePath, translation.paths(pooler, sample));
    await put(
      'pgbouncer',
      '/etc/pgbouncer/pgbouncer.ini',
      (text) =>
        `${text.replace(/^%include .*$/m, `%include ${samplePath}`).replace('0.0.0.0', '127.0.0.1')}listen_port = ${String(ports['pgbouncer:6432'])}\n`,
    );
    await put('register', '/app/infra/compose/parts.json', (text) => {
      const parts = JSON.parse(text) as Record<string, { host: string; port: number; folder?: string }[]>;
      for (const part of Object.values(parts).flat()) {
        part.port = translation.port(part.host, part.port);
        part.host = '127.0.0.1';
        if (part.folder !== undefined) part.folder = translation.paths(this.service('api'), part.folder);
      }
      return JSON.stringify(parts);
    });
  }

  /** The image of PostgreSQL runs these as its superuser when it has made a server. */
  async #initialise(name: Database): Promise<void> {
    const server = this.servers[name];
    const service = this.service(name);
    const script = (service.volumes ?? []).find((line) => line.includes('initdb.d'))?.split(':')[0] ?? '';
    // The fixture's own; this system makes one by its script.
    await server.psql(`DROP ROLE ${server.admin.user}`);
    execFileSync(path.join(repository, script), {
      env: {
        ...{ PATH: `${server.bin}:${process.env['PATH'] ?? ''}`, PGHOST: server.host, PGPORT: String(server.port) },
        ...{ POSTGRES_USER: server.superuser.user, PGPASSWORD: server.superuser.password },
        BERTH_CATALOG_PASSWORD_FILE: path.join(this.translation.secrets, 'catalog-password'),
        ...this.translation.environment(name, service),
      },
    });
  }
}

/** A real server with the settings of the service's command line, of its image's version where that is here. */
async function startDatabase(service: Service | undefined): Promise<TestPostgres> {
  if (service === undefined) throw new Error('docker-compose.yml lacks a database');
  const words = service.command ?? [];
  const settings = Object.fromEntries(
    words.flatMap((word, index) => (words[index - 1] === '-c' ? [word.split('=') as [string, string]] : [])),
  );
  const wanted = Number(/^postgres:(\d+)/.exec(service.image)?.[1]);
  const isHere = (await postgresMajors()).some(({ major }) => major === wanted);
  return await startPostgres({ settings, ...(isHere && { major: wanted }) });
}

function userOf(text: string): { readonly uid: number; readonly gid: number } {
  const [uid = 0, gid = 0] = text.split(':').map(Number);
  return { uid, gid };
}
