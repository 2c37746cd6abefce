import { LocalSecrets } from '@berth/local-secrets';
import type { CliEnvironment } from '@berth/config';
import { endProcess, identify, type PostgresPrograms } from '@berth/local-postgres';
import { ensureApiKey } from './api-key.js';
import { linkServerLogs, type Home, type HomeRecord } from './home.js';
import { rotateLog } from './logs.js';
import { choosePorts, type Ports } from './ports.js';
import {
  startCatalogServer,
  startDedicatedServers,
  startSharedServer,
  type CatalogAccess,
  type StartedServer,
} from './postgres-servers.js';
import { postgresPrograms, programScripts } from './programs.js';
import { phase, type Tell } from './progress.js';
import { ServerWatch } from './server-watch.js';
import { ensureSharedCluster } from './shared-cluster.js';
import { readState, programNames, StateFile, emptyState, type ProgramName } from './state.js';
import { stopServers } from './stop.js';
import { SupervisedProgram } from './supervised-program.js';

const graceMs: Readonly<Record<ProgramName, number>> = { worker: 30_000, api: 10_000 };

/** All processes of one local system, for as long as this process supervises them. */
export class LocalSystem {
  private readonly stateFile: StateFile;
  private programs: readonly SupervisedProgram[] = [];
  private watch: ServerWatch | undefined;

  constructor(
    private readonly home: Home,
    private readonly record: HomeRecord,
    private readonly environment: CliEnvironment,
    private readonly tell: Tell,
  ) {
    this.stateFile = new StateFile(home, emptyState);
  }

  /** Brings everything up; may be called on what any former run left behind. `startedAt`: when the user typed the command. */
  async start(signal: AbortSignal, startedAt: number): Promise<void> {
    const { home, tell } = this;
    await this.endLeftovers();
    const supervisor = (await identify(process.pid)) ?? null;
    await this.stateFile.change({ phase: 'starting', supervisor, readyMs: null });
    await ensureApiKey(home);
    for (const name of programNames) await rotateLog(home, name);
    const { pgBin, path } = this.environment;
    const programs = await phase(
      tell,
      'PostgreSQL programs',
      () => postgresPrograms(home, { explicit: pgBin, path }, tell),
      (found) => `${found.version} in ${found.bin}`,
    );
    signal.throwIfAborted();
    const secrets = await LocalSecrets.open({ folder: home.secrets });
    const [ports, catalog, shared] = await phase(
      tell,
      'PostgreSQL servers',
      () => this.startServers(programs, secrets),
      ([, first, second]) => `catalog on port ${String(first.port)}, shared-1 on port ${String(second.port)}`,
    );
    this.watch = new ServerWatch(home, (text) => {
      tell({ kind: 'note', text });
    });
    signal.throwIfAborted();
    this.programs = this.programsFor(programs, ports, catalog);
    await phase(tell, 'API and worker', () => allOf(this.programs.map((program) => program.start())));
    signal.throwIfAborted();
    await phase(
      tell,
      'shared cluster shared-1',
      () => ensureSharedCluster(home, ports.api, shared.port),
      (what) => what,
    );
    await this.stateFile.change({ phase: 'ready', readyMs: Math.round(performance.now() - startedAt) });
  }

  /** Stops everything in order: nobody is left without the part that it stands on. */
  async stop(tell = this.tell): Promise<void> {
    await this.stateFile.change({ phase: 'stopping' });
    await this.watch?.end();
    const [api, worker] = this.programs;
    await phase(tell, 'worker stopped', async () => worker?.stop());
    await phase(tell, 'API stopped', async () => api?.stop());
    await phase(tell, 'PostgreSQL servers stopped', () => stopServers(this.home));
    await this.stateFile.change({ phase: 'stopped', supervisor: null });
  }

  /** The last resort, asked for by a person who does not want to wait. */
  async kill(): Promise<void> {
    for (const program of this.programs) program.kill();
    await stopServers(this.home, 'immediate');
  }

  /** Programs of a former supervisor that was killed work on with nobody watching: they make room. */
  private async endLeftovers(): Promise<void> {
    const before = await readState(this.home);
    const left = await Promise.all(
      programNames.map((name) => endProcess(before.programs[name].process, graceMs[name])),
    );
    if (left.some((result) => result !== 'absent'))
      this.tell({ kind: 'note', text: 'stopped the API or worker that a killed supervisor had left behind' });
  }

  private async startServers(
    programs: PostgresPrograms,
    secrets: LocalSecrets,
  ): Promise<readonly [Ports, CatalogAccess, StartedServer]> {
    const [chosen, catalog, shared, faults] = await allOf([
      choosePorts(this.home),
      startCatalogServer(this.home, programs, secrets),
      startSharedServer(this.home, programs),
      startDedicatedServers(this.home),
    ]);
    await linkServerLogs(this.home);
    for (const fault of faults)
      this.tell({ kind: 'note', text: `a dedicated instance could not be started: ${fault}` });
    for (const { name, from, to } of chosen.moved)
      this.tell({ kind: 'note', text: `port ${String(from)} (${name}) is taken by somebody else: now ${String(to)}` });
    return [chosen.ports, catalog, shared];
  }

  private programsFor(programs: PostgresPrograms, ports: Ports, catalog: CatalogAccess): readonly SupervisedProgram[] {
    const environment = environmentOf(this.home, this.environment, { record: this.record, programs, ports, catalog });
    const healthPorts: Readonly<Record<ProgramName, number>> = { api: ports.apiHealth, worker: ports.workerHealth };
    return programNames.map(
      (name) =>
        new SupervisedProgram(
          this.home,
          {
            name,
            script: programScripts[name],
            environment,
            readyUrl: `http://127.0.0.1:${String(healthPorts[name])}/health/ready`,
            graceMs: graceMs[name],
          },
          {
            say: (text) => {
              this.tell({ kind: 'note', text });
            },
            changed: (program) => this.stateFile.changeProgram(name, program),
          },
        ),
    );
  }
}

interface Settled {
  readonly record: HomeRecord;
  readonly programs: PostgresPrograms;
  readonly ports: Ports;
  readonly catalog: CatalogAccess;
}

/** The configuration of API and worker. What the user set for other things (lease times, retention, log level) passes through. */
function environmentOf(home: Home, given: CliEnvironment, settled: Settled): NodeJS.ProcessEnv {
  const { record, programs, ports, catalog } = settled;
  return {
    ...given.all,
    BERTH_CATALOG_URL: catalog.url,
    BERTH_TERRAFORM_STATE_URL: catalog.terraformStateUrl,
    // Files that the user's own environment names are for another system.
    BERTH_CATALOG_URL_FILE: '',
    BERTH_TERRAFORM_STATE_URL_FILE: '',
    BERTH_SECRETS_DIR: home.secrets,
    BERTH_INSTANCES_DIR: home.instances,
    BERTH_DUMPS_DIR: home.dumps,
    BERTH_INFRASTRUCTURE: record.infrastructure,
    BERTH_PG_BIN: programs.bin,
    ...(record.migrationsDir === null ? {} : { BERTH_MIGRATIONS_DIR: record.migrationsDir }),
    BERTH_API_HOST: '127.0.0.1',
    BERTH_API_PORT: String(ports.api),
    BERTH_API_HEALTH_PORT: String(ports.apiHealth),
    BERTH_WORKER_HEALTH_PORT: String(ports.workerHealth),
    BERTH_BOOTSTRAP_KEY_FILE: home.apiKey,
  };
}

/** Waits for all, also when one fails: what is still starting then could not be stopped. */
async function allOf<T extends readonly unknown[]>(works: { readonly [K in keyof T]: Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(works);
  return Promise.all(works) as Promise<unknown> as Promise<T>;
}
