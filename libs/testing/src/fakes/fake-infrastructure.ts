import { BerthError, type Finding } from '@berth/domain';
import {
  Infrastructure,
  type InfrastructureWork,
  type Instance,
  type InstanceReport,
  type InstanceSpec,
  type InstanceStatus,
} from '@berth/ports';

interface FakeInstance {
  readonly instance: Instance;
  readonly admins: Map<string, string>;
  state: 'creating' | 'running' | 'stopped' | 'lost';
}

const firstPort = 40_000;

/** Instances in memory. Tests may stop one, lose its data, or let a call fail in the middle. */
export class FakeInfrastructure extends Infrastructure {
  /** Thrown by the next `create` after the instance is half made, as a program that dies would leave it. */
  failNextCreate: BerthError | null = null;
  /** What `quotas` finds. */
  quotaFindings: readonly Finding[] = [];
  /** What `report` says, by cluster. */
  readonly reports = new Map<string, InstanceReport>();
  private readonly instances = new Map<string, FakeInstance>();
  private portsGiven = 0;

  async plan(spec: InstanceSpec): Promise<readonly string[]> {
    checkId(spec.clusterId);
    if (this.instances.get(spec.clusterId)?.state === 'lost') return ['Refuse to do anything: its data is gone.'];
    return [`Make an instance ${spec.clusterId} in memory.`];
  }

  async create(
    spec: InstanceSpec,
    admin: { readonly username: string; readonly password: string },
    work: InfrastructureWork,
  ): Promise<Instance> {
    checkId(spec.clusterId);
    if (work.signal.aborted) throw new BerthError('cancelled', 'The work was cancelled.');
    work.onProgress({ text: 'making the instance', done: 0, total: 1, unit: 'steps' });
    const present = this.instances.get(spec.clusterId) ?? this.half(spec);
    if (present.state === 'lost') {
      throw new BerthError('infrastructure-failed', `The data of ${spec.clusterId} is gone.`, { retry: 'operator' });
    }
    const fault = this.failNextCreate;
    this.failNextCreate = null;
    if (fault !== null) throw fault;
    present.state = 'running';
    present.admins.set(admin.username, admin.password);
    work.onProgress({ text: 'the instance runs', done: 1, total: 1, unit: 'steps' });
    return present.instance;
  }

  async inspect(clusterId: string): Promise<InstanceStatus> {
    checkId(clusterId);
    const found = this.instances.get(clusterId);
    switch (found?.state) {
      case undefined:
        return { state: 'absent' };
      case 'running':
        return { state: 'running', instance: found.instance };
      case 'lost':
        return { state: 'broken', because: 'its data is gone' };
      case 'creating':
      case 'stopped':
        return { state: found.state, because: 'the test said so' };
    }
  }

  async destroy(clusterId: string, work: InfrastructureWork): Promise<void> {
    checkId(clusterId);
    if (work.signal.aborted) throw new BerthError('cancelled', 'The work was cancelled.');
    this.instances.delete(clusterId);
    work.onProgress({ text: 'the instance is gone', done: 1, total: 1, unit: 'steps' });
  }

  async list(): Promise<readonly string[]> {
    return [...this.instances.keys()].sort();
  }

  async ensureRunning(clusterIds: readonly string[]): Promise<void> {
    const absent: string[] = [];
    for (const id of clusterIds) {
      const found = this.instances.get(id);
      if (found === undefined || found.state === 'lost') absent.push(id);
      else if (found.state === 'stopped') found.state = 'running';
    }
    if (absent.length > 0) throw new BerthError('infrastructure-failed', `Cannot be started: ${absent.join(', ')}`);
  }

  async report(clusterId: string): Promise<InstanceReport | null> {
    return this.reports.get(clusterId) ?? null;
  }

  async quotas(): Promise<readonly Finding[]> {
    return this.quotaFindings;
  }

  /** As a reboot or kill -9 leaves it. */
  stop(clusterId: string): void {
    this.known(clusterId).state = 'stopped';
  }

  /** As an operator's `rm -rf` leaves it. */
  loseData(clusterId: string): void {
    this.known(clusterId).state = 'lost';
  }

  accepts(clusterId: string, admin: { readonly username: string; readonly password: string }): boolean {
    const found = this.known(clusterId);
    return found.state === 'running' && found.admins.get(admin.username) === admin.password;
  }

  private half(spec: InstanceSpec): FakeInstance {
    const { clusterId, labels, postgresMajor = 15 } = spec;
    this.portsGiven += 1;
    const port = firstPort + this.portsGiven;
    const made: FakeInstance = {
      instance: { clusterId, host: '127.0.0.1', port, postgresMajor, labels: { ...labels }, sslMode: 'disable' },
      admins: new Map(),
      state: 'creating',
    };
    this.instances.set(clusterId, made);
    return made;
  }

  private known(clusterId: string): FakeInstance {
    const found = this.instances.get(clusterId);
    if (found === undefined) throw new Error(`the fake has no instance ${clusterId}`);
    return found;
  }
}

function checkId(clusterId: string): void {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(clusterId)) {
    throw new BerthError('invalid-name', 'That cannot be the name of an instance.');
  }
}
