import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv } from 'ajv';
import { environmentSchema } from '@berth/config';
import { operationStates, tenantStates } from '@berth/domain';
import { hadolintPart, promtoolPart, whenAvailable } from '@berth/testing';
import { composeText, readComposeFile, repository, type Service } from '../e2e/compose/compose-file.js';
import { expressions } from '../e2e/compose/metric-names.js';

const file = readComposeFile();
const services = Object.entries(file.services);
const faultsOf = (look: (service: Service, name: string) => boolean): readonly string[] =>
  services.filter(([name, service]) => !look(service, name)).map(([name]) => name);

describe('docker-compose.yml', () => {
  it('keeps to the schema of Compose', () => {
    // It names its draft by https, and ajv knows that by http.
    const { $schema: _, ...schema } = JSON.parse(
      readFileSync(path.join(repository, 'node_modules/dclint/schemas/compose.schema.json'), 'utf8'),
    ) as Record<string, unknown>;
    const check = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
    expect([check(file), check.errors]).toEqual([true, null]);
    expect(check({ ...file, services: { api: { imagee: 'x' } } })).toBe(false);
  });

  it('names only volumes, secrets, networks, services and files that are there', () => {
    const missing = services.flatMap(([name, service]) => [
      ...(service.secrets ?? []).filter((one) => file.secrets[one] === undefined),
      ...(service.networks ?? []).filter((one) => file.networks[one] === undefined),
      ...Object.keys(service.depends_on ?? {}).filter((one) => file.services[one] === undefined),
      ...(service.volumes ?? [])
        .filter((line) => {
          const [outside = ''] = line.split(':');
          return outside.startsWith('./')
            ? !existsSync(path.join(repository, outside))
            : file.volumes[outside] === undefined;
        })
        .map((line) => `${name}: ${line}`),
    ]);
    expect(missing).toEqual([]);
    const used = services.flatMap(([, { secrets = [], volumes = [] }]) => [
      ...secrets,
      ...volumes.map((line) => line.split(':')[0] ?? ''),
    ]);
    const unused = [...Object.keys(file.secrets), ...Object.keys(file.volumes)].filter((one) => !used.includes(one));
    expect(unused).toEqual([]);
  });

  it('pins every image to a version', () => {
    expect(faultsOf(({ image }) => /^[a-z0-9/-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/.test(image))).toEqual([]);
  });

  it('gives no container more than it needs', () => {
    expect(faultsOf(({ cap_drop, privileged }) => cap_drop?.includes('ALL') === true && privileged !== true)).toEqual(
      [],
    );
    expect(faultsOf(({ cap_add }) => cap_add === undefined)).toEqual(['vault']);
    expect(faultsOf(({ security_opt }) => security_opt?.includes('no-new-privileges:true') === true)).toEqual([]);
    expect(faultsOf(({ read_only }) => read_only === true)).toEqual([]);
    // Our own images name their user themselves.
    expect(
      faultsOf(({ user, build }) => build !== undefined || (user !== undefined && !/^(root|0)/.test(user))),
    ).toEqual([]);
    expect(
      faultsOf(({ deploy }) => ['cpus', 'memory', 'pids'].every((one) => one in (deploy?.resources?.limits ?? {}))),
    ).toEqual([]);
  });

  it('looks after the health of everything that goes on, and waits for it', () => {
    expect(faultsOf(({ healthcheck }) => (healthcheck?.test?.length ?? 0) > 1)).toEqual(['register']);
    expect(faultsOf(({ restart }) => restart === 'unless-stopped')).toEqual(['register']);
    const conditions = services.flatMap(([, { depends_on = {} }]) => Object.values(depends_on));
    expect(new Set(conditions.map(({ condition }) => condition))).toEqual(new Set(['service_healthy']));
    expect(file.services['worker']?.deploy?.replicas).toBe(2);
  });

  it('lets nobody in but from this machine, and by named doors', () => {
    const ports = services.flatMap(([, { ports: published = [] }]) => published);
    expect(ports).toEqual(['127.0.0.1:6432:6432', '127.0.0.1:8020:8020', '127.0.0.1:3000:3000']);
    expect(file.networks['inside']?.internal).toBe(true);
  });

  it('holds no secret: each comes by a file that prepare makes', () => {
    const inside = services.flatMap(([, { environment = {} }]) => Object.entries(environment));
    const suspicious = inside.filter(
      ([name, value]) =>
        /PASSWORD|SECRET|TOKEN|KEY/.test(name) &&
        !/FILE$/.test(name) &&
        /[/a-z0-9]{12}/i.test(String(value)) &&
        !String(value).startsWith('/'),
    );
    expect(suspicious).toEqual([]);
    expect(composeText).not.toMatch(/:\/\/[^\s/]+:[^\s/]+@/);
    expect(Object.values(file.secrets).filter((one) => !one.file.startsWith('./infra/compose/secrets/'))).toEqual([]);
  });

  it('sets only variables that Berth reads', () => {
    const set = ['api', 'worker'].flatMap((name) => Object.keys(file.services[name]?.environment ?? {}));
    expect(set.filter((name) => !(name in environmentSchema.shape))).toEqual([]);
  });
});

describe('infra/compose/prepare', () => {
  const prepare = (folder: string): string =>
    execFileSync(path.join(repository, 'infra/compose/prepare'), [folder]).toString();
  const contents = (folder: string) =>
    Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));

  it('makes every secret that the file names, no two alike, in a closed folder, and keeps them', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'berth-prepare-'));
    const said = prepare(folder);
    const made = contents(folder);
    expect(Object.keys(made).sort()).toEqual([...Object.keys(file.secrets), 'redis-password'].sort());
    expect(new Set(Object.values(made)).size).toBe(Object.keys(made).length);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(made['api-key']).toMatch(/^berth_[\w-]{43}$/);
    expect(Object.values(made).filter((text) => said.includes(text.trim()))).toEqual([]);
    rmSync(path.join(folder, 'grafana-password'));
    prepare(folder);
    const after = contents(folder);
    expect(after['grafana-password']).not.toBe(made['grafana-password']);
    expect({ ...after, 'grafana-password': '' }).toEqual({ ...made, 'grafana-password': '' });
    rmSync(folder, { recursive: true });
  });
});

describe.each(['Dockerfile', 'pgbouncer.Dockerfile'])('infra/docker/%s', (name) => {
  const text = readFileSync(path.join(repository, 'infra/docker', name), 'utf8');
  const instructions = text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line));
  const all = (word: string): readonly string[] =>
    instructions.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

  it('starts from images of one version, ends as no root, says how it is, and lets a process be buried', () => {
    const bases = all('FROM').map((line) => line.split(' ')[0]);
    expect(bases.every((base) => /^\$\{[A-Z_]+\}$/.test(base ?? ''))).toBe(true);
    const images = all('ARG').filter((line) => line.includes('_IMAGE='));
    expect(images.filter((line) => !/=[a-z]+:(\d+\.\d+\.\d+-[a-z]+|[a-z]+-\d{8})-slim$/.test(line))).toEqual([]);
    expect(all('USER')).toEqual(['10001:10001']);
    expect(instructions.findIndex((line) => line.startsWith('USER'))).toBeGreaterThan(
      instructions.findLastIndex((line) => line.startsWith('RUN')),
    );
    expect(all('HEALTHCHECK')).toHaveLength(1);
    expect(all('ENTRYPOINT')).toEqual(['["tini", "--"]']);
  });
});

describe('the image of Berth', () => {
  const text = readFileSync(path.join(repository, 'infra/docker/Dockerfile'), 'utf8');

  it('is built in stages, and brings Terraform by checksum and the clients of every version', () => {
    expect(text.match(/^FROM \S+ AS (\w+)$/gm)).toHaveLength(4);
    expect(text).toMatch(/sha256sum --check --strict/);
    for (const major of [15, 16, 17, 18]) expect(text).toContain(`postgresql-client-${String(major)}`);
  });

  it('has the Node that the project asks for', () => {
    const { engines } = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };
    const [major = 0, minor = 0] = (/node:(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number);
    const [oldest = 0, least = 0] = engines.node.replace('>=', '').split('.').map(Number);
    expect(major > oldest || (major === oldest && minor >= least)).toBe(true);
  });

  it('is given no secret to build with', () => {
    const ignored = readFileSync(path.join(repository, '.dockerignore'), 'utf8').split('\n');
    for (const name of ['.git', '.env', '.berth', 'infra/compose/secrets']) expect(ignored).toContain(name);
    expect(readFileSync(path.join(repository, '.gitignore'), 'utf8')).toContain('infra/compose/secrets/');
  });
});

whenAvailable(hadolintPart, 'the reviewer of Dockerfiles', () => {
  it('finds nothing but the versions of packages, of which Debian keeps the newest alone', () => {
    const files = ['infra/docker/Dockerfile', 'infra/docker/pgbouncer.Dockerfile'];
    expect(execFileSync(hadolintPart.program, ['--no-color', ...files], { cwd: repository }).toString()).toBe('');
  });
});

describe('dashboard and alerts', () => {
  it('know the states that there are', async () => {
    const known: readonly string[] = [...operationStates, ...tenantStates, 'waiting', 'active', 'delayed'];
    const asked = (await expressions()).flatMap((text) =>
      [...text.matchAll(/state=~?"([^"]+)"/g)].flatMap(([, states]) => states?.split('|') ?? []),
    );
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((state) => !known.includes(state))).toEqual([]);
  });

  it('scrape services that are there, at the ports of their health', () => {
    const text = readFileSync(path.join(repository, 'infra/prometheus/prometheus.yml'), 'utf8');
    const scraped = [...text.matchAll(/names: \[([a-z-]+)\], type: A, port: (\d+)/g)].map(([, name = '', port]) => [
      name,
      Object.entries(file.services[name]?.environment ?? {}).find(([key]) => key.endsWith('HEALTH_PORT'))?.[1] === port,
    ]);
    expect(scraped).toEqual([
      ['api', true],
      ['worker', true],
    ]);
  });
});

whenAvailable(promtoolPart, 'Prometheus itself', () => {
  it('takes the configuration and the rules', () => {
    const said = execFileSync(promtoolPart.program, ['check', 'config', 'infra/prometheus/prometheus.yml'], {
      cwd: repository,
    }).toString();
    expect(said).toMatch(/SUCCESS: 16 rules found/);
  });

  it('raises the alerts when what they are about happens, and not before', () => {
    const args = ['test', 'rules', 'infra/prometheus/alerts.test.yml'];
    expect(execFileSync(promtoolPart.program, args, { cwd: repository }).toString()).toContain('SUCCESS');
  });
});
