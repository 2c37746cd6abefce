import { openOperationStates, type OperationState } from '@berth/domain';
import { isAlive, startedAt } from '@berth/local-postgres';
import { answer, apiClient, type ApiClient } from '../api/client.js';
import { readFile } from 'node:fs/promises';
import type { Home } from './home.js';
import { readHomeRecord } from './home.js';
import { logFile } from './logs.js';
import { memoryOf } from './memory.js';
import { readPorts, type Ports } from './ports.js';
import { dedicatedServers, systemServers, type NamedServer } from './postgres-servers.js';
import { programNames, readState, type ProgramName, type SystemState } from './state.js';
import { livingSupervisor } from './supervisor-lock.js';

export interface PartStatus {
  readonly name: string;
  readonly kind: 'supervisor' | 'program' | 'postgres' | 'instance';
  readonly state: string;
  readonly healthy: boolean;
  /** What it says itself of why it is not ready; null: it is, or nobody can say. */
  readonly because: string | null;
  readonly port: number | null;
  readonly pid: number | null;
  readonly memoryBytes: number | null;
  readonly upMs: number | null;
  /** Times that it was started again since the last start of the system. */
  readonly restarts: number;
  readonly log: string | null;
}

export interface SystemStatus {
  readonly state: 'absent' | 'stopped' | 'starting' | 'stopping' | 'unhealthy' | 'healthy';
  readonly home: string;
  readonly api: string | null;
  readonly apiKeyFile: string | null;
  readonly infrastructure: string | null;
  readonly readyMs: number | null;
  readonly parts: readonly PartStatus[];
  /** Null: the API did not say that it is ready, and was not asked. */
  readonly tenants: Readonly<Record<string, number>> | null;
  readonly operations: { readonly open: number; readonly needsOperator: number } | null;
  /** What is wrong, each with what to type. */
  readonly problems: readonly { readonly what: string; readonly type: string }[];
}

/** Looks at the processes, the servers and the API themselves; what state.json says is only where to look. */
export async function systemStatus(home: Home): Promise<SystemStatus> {
  const [record, ports, state] = await Promise.all([readHomeRecord(home), readPorts(home), readState(home)]);
  const nothing = {
    parts: [],
    tenants: null,
    operations: null,
    problems: [],
    api: null,
    apiKeyFile: null,
    readyMs: null,
  };
  if (record === undefined) return { state: 'absent', home: home.folder, infrastructure: null, ...nothing };
  const parts = await measured(await lookAtParts(home, state, ports));
  // An API that does not say that it is ready may hang, and whoever asks it would hang with it.
  const answers = parts.some(({ name, healthy }) => name === 'api' && healthy);
  const client = ports === undefined || !answers ? undefined : await localClient(home, ports);
  const numbers = client === undefined ? undefined : await numbersOf(client).catch(() => undefined);
  const overall = overallState(state, parts, numbers !== undefined);
  return {
    state: overall,
    home: home.folder,
    api: ports === undefined ? null : `http://127.0.0.1:${String(ports.api)}`,
    apiKeyFile: home.apiKey,
    infrastructure: record.infrastructure,
    readyMs: state.readyMs,
    parts,
    tenants: numbers?.tenants ?? null,
    operations: numbers?.operations ?? null,
    problems: overall === 'stopped' ? [] : problemsOf(parts, numbers),
  };
}

async function lookAtParts(home: Home, state: SystemState, ports: Ports | undefined): Promise<readonly PartStatus[]> {
  const supervisor = await livingSupervisor(home);
  const servers = [
    ...systemServers(home).map((one) => ({ ...one, kind: 'postgres' as const })),
    ...(await dedicatedServers(home)).map((one) => ({ ...one, kind: 'instance' as const })),
  ];
  return [
    {
      ...blank('supervisor', 'supervisor'),
      state: supervisor === undefined ? 'stopped' : state.phase === 'ready' ? 'running' : state.phase,
      healthy: supervisor !== undefined,
      pid: supervisor?.pid ?? null,
    },
    ...(await Promise.all(programNames.map((name) => programStatus(home, name, state, ports)))),
    ...(await Promise.all(servers.map((one) => serverStatus(one)))),
  ];
}

function blank(name: string, kind: PartStatus['kind']): PartStatus {
  const nothing = { because: null, port: null, pid: null, memoryBytes: null, upMs: null, restarts: 0, log: null };
  return { name, kind, state: 'stopped', healthy: false, ...nothing };
}

async function programStatus(
  home: Home,
  name: ProgramName,
  { programs }: SystemState,
  ports: Ports | undefined,
): Promise<PartStatus> {
  const { process, restarts, state } = programs[name];
  const alive = await isAlive(process);
  const port = (name === 'api' ? ports?.api : ports?.workerHealth) ?? null;
  const healthPort = name === 'api' ? ports?.apiHealth : ports?.workerHealth;
  // Once more: what was late a moment ago may be there.
  const because =
    alive && healthPort !== undefined && (await unready(healthPort)) !== null ? await unready(healthPort) : null;
  const ready = alive && healthPort !== undefined && because === null;
  const shown = ready ? 'running' : alive ? 'not ready' : state === 'given-up' ? 'given up' : 'stopped';
  const pid = alive ? (process?.pid ?? null) : null;
  return {
    ...blank(name, 'program'),
    state: shown,
    healthy: ready,
    because,
    port,
    pid,
    restarts,
    log: logFile(home, name),
  };
}

/** A busy machine answers late, and is well all the same: a server's own checks give up after two seconds. */
const readyPatienceMs = 5_000;

/** Null: it is ready; else why not. */
async function unready(port: number): Promise<string | null> {
  try {
    const answer = await fetch(`http://127.0.0.1:${String(port)}/health/ready`, {
      signal: AbortSignal.timeout(readyPatienceMs),
    });
    if (answer.ok) return null;
    const { parts = {} } = (await answer.json()) as { readonly parts?: Readonly<Record<string, { because?: string }>> };
    const reasons = Object.entries(parts).flatMap(([part, { because }]) =>
      because === undefined ? [] : [`${part}: ${because}`],
    );
    return reasons.length > 0 ? reasons.join('; ') : `it answers ${String(answer.status)} at port ${String(port)}`;
  } catch (error) {
    const hangs = error instanceof Error && error.name === 'TimeoutError';
    const what = hangs ? `does not answer within ${String(readyPatienceMs / 1_000)} s` : 'cannot be asked';
    return `it ${what} at port ${String(port)}`;
  }
}

async function serverStatus({
  name,
  server,
  kind,
}: NamedServer & { readonly kind: PartStatus['kind'] }): Promise<PartStatus> {
  const [{ state, port, pid }, files] = await Promise.all([server.status(), server.files()]);
  return {
    ...blank(name, kind),
    state,
    healthy: state === 'running',
    port: port ?? null,
    pid: pid ?? null,
    log: files?.log ?? null,
  };
}

async function measured(parts: readonly PartStatus[]): Promise<readonly PartStatus[]> {
  const pids = parts.flatMap(({ pid }) => (pid === null ? [] : [pid]));
  const memory = await memoryOf(pids);
  return Promise.all(
    parts.map(async (part) => {
      if (part.pid === null) return part;
      const since = await startedAt(part.pid);
      const upMs = since === undefined ? null : Math.max(0, Date.now() - since.getTime());
      return { ...part, upMs, memoryBytes: memory.get(part.pid) ?? null };
    }),
  );
}

async function localClient(home: Home, ports: Ports): Promise<ApiClient | undefined> {
  const key = await readFile(home.apiKey, 'utf8').catch(() => '');
  if (key.trim() === '') return undefined;
  return apiClient({ address: `http://127.0.0.1:${String(ports.api)}`, key: key.trim(), hintWhenDown: '' });
}

interface Numbers {
  readonly tenants: Readonly<Record<string, number>>;
  readonly operations: { readonly open: number; readonly needsOperator: number };
}

async function numbersOf(client: ApiClient): Promise<Numbers> {
  const tenants: Record<string, number> = {};
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query = { limit: 200, ...(cursor === undefined ? {} : { cursor }) };
    const page = await answer(client.GET('/v1/tenants', { params: { query } }));
    for (const { state } of page.items) tenants[state] = (tenants[state] ?? 0) + 1;
    cursor = page.next;
  }
  const open = await Promise.all(openOperationStates.map((state) => countOperations(client, state)));
  return {
    tenants,
    operations: {
      open: open.reduce((sum, one) => sum + one, 0),
      needsOperator: open[openOperationStates.indexOf('needs-operator')] ?? 0,
    },
  };
}

/** By their state: an old one that needs an operator must not hide behind newer ones. */
async function countOperations(client: ApiClient, state: OperationState): Promise<number> {
  let found = 0;
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query = { state, limit: 200, ...(cursor === undefined ? {} : { cursor }) };
    const page = await answer(client.GET('/v1/operations', { params: { query } }));
    found += page.items.length;
    cursor = page.next;
  }
  return found;
}

function overallState(state: SystemState, parts: readonly PartStatus[], answers: boolean): SystemStatus['state'] {
  const alive = parts.some(({ pid }) => pid !== null);
  if (!alive) return 'stopped';
  const supervised = parts[0]?.healthy === true;
  if (supervised && (state.phase === 'starting' || state.phase === 'stopping')) return state.phase;
  return answers && parts.every(({ healthy }) => healthy) ? 'healthy' : 'unhealthy';
}

function problemsOf(parts: readonly PartStatus[], numbers: Numbers | undefined): SystemStatus['problems'] {
  const problems: { what: string; type: string }[] = [];
  const supervised = parts[0]?.healthy === true;
  if (!supervised) problems.push({ what: 'nobody watches the system: its supervisor was killed', type: 'berth up' });
  for (const { name, healthy, state, because, log, kind } of parts.slice(1)) {
    if (healthy) continue;
    const look = log === null ? 'berth down && berth up' : `tail ${log}`;
    if (state === 'given up')
      problems.push({
        what: `${name} ended too often and is not started any more`,
        type: `${look}   then: berth down && berth up`,
      });
    else if (kind === 'instance')
      problems.push({ what: `the dedicated instance ${name} is ${state}`, type: supervised ? look : 'berth up' });
    else if (because !== null) problems.push({ what: `${name} runs and is not ready: ${because}`, type: look });
    else if (supervised) problems.push({ what: `${name} is ${state}; it is being started again`, type: look });
    else problems.push({ what: `${name} is ${state}`, type: 'berth up' });
  }
  if ((numbers?.operations.needsOperator ?? 0) > 0)
    problems.push({ what: 'operations need an operator', type: 'berth operations list --state needs-operator' });
  return problems;
}
