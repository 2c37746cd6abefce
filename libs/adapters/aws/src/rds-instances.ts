import { setTimeout as pause } from 'node:timers/promises';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DeleteDBInstanceCommand,
  DescribeAccountAttributesCommand,
  DescribeDBInstancesCommand,
  DescribeEventsCommand,
  ModifyDBInstanceCommand,
  paginateDescribeDBInstances,
  RDSClient,
  StartDBInstanceCommand,
  type DBInstance,
} from '@aws-sdk/client-rds';
import { BerthError, type Finding } from '@berth/domain';
import type { Infrastructure, InfrastructureWork, InstanceReport, InstanceStatus } from '@berth/ports';
import type { AwsSettings } from './aws-settings.js';
import { rdsIdentifier } from './identifier.js';
import { reportOf } from './instance-report.js';
import { clusterTag, statusOf, tagOf } from './instance-status.js';
import { quotaFindings } from './quota-findings.js';
import { isNotFound, translateError } from './translate-error.js';

export interface RdsInstancesOptions {
  readonly settings: Pick<AwsSettings, 'region' | 'name_prefix'>;
  /** PEM of RDS's certificate authorities in the region. */
  readonly ca: string;
  /** Another address of the APIs than AWS's own. Credentials come from the environment, as the SDK finds them. */
  readonly endpoint?: string;
  /** How often an instance that goes is looked at. Default: 15,000. */
  readonly pollMs?: number;
  /** Instances that one call of `list` asks for, 20 to 100. Default: 100. */
  readonly pageSize?: number;
  /** Attempts of one call, with the SDK's own growing pauses in between. Default: 8. */
  readonly maxAttempts?: number;
}

type Reader = Pick<Infrastructure, 'destroy' | 'ensureRunning' | 'inspect' | 'list' | 'quotas' | 'report'>;

const day = 24 * 60; // minutes
const eventsShown = 10;

/** Reads RDS instances themselves, and ends them; Terraform makes them. */
export class RdsInstances implements Reader {
  private readonly rds: RDSClient;
  private readonly cloudWatch: CloudWatchClient;

  constructor(private readonly options: RdsInstancesOptions) {
    const { settings, endpoint, maxAttempts = 8 } = options;
    const client = {
      region: settings.region,
      maxAttempts,
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 20_000 },
      ...(endpoint !== undefined && { endpoint }),
    };
    this.rds = new RDSClient(client);
    this.cloudWatch = new CloudWatchClient(client);
  }

  async inspect(clusterId: string): Promise<InstanceStatus> {
    const found = await this.find(clusterId);
    return found === null ? { state: 'absent' } : statusOf(found, { clusterId, ca: this.options.ca });
  }

  async report(clusterId: string): Promise<InstanceReport | null> {
    const found = await this.find(clusterId);
    if (found === null) return null;
    const identifier = this.identifierOf(clusterId);
    const [events, free] = await Promise.all([
      asking(`read the events of ${identifier}`, () =>
        this.rds.send(
          new DescribeEventsCommand({ SourceIdentifier: identifier, SourceType: 'db-instance', Duration: 14 * day }),
        ),
      ),
      this.freeBytes(identifier),
    ]);
    const report = reportOf(found, events.Events ?? [], free);
    return { ...report, events: report.events.slice(0, eventsShown) };
  }

  async quotas(): Promise<readonly Finding[]> {
    const { AccountQuotas: quotas = [] } = await asking('read the quotas of the account', () =>
      this.rds.send(new DescribeAccountAttributesCommand({})),
    );
    return quotaFindings(quotas, this.options.settings.region);
  }

  async list(): Promise<readonly string[]> {
    const prefix = `${this.options.settings.name_prefix}-t-`;
    const paging = { client: this.rds, pageSize: this.options.pageSize ?? 100 };
    return asking('list the instances', async () => {
      const found: string[] = [];
      for await (const page of paginateDescribeDBInstances(paging, {})) {
        for (const one of page.DBInstances ?? []) {
          const clusterId = one.DBInstanceIdentifier?.startsWith(prefix) === true ? tagOf(one, clusterTag) : undefined;
          if (clusterId !== undefined) found.push(clusterId);
        }
      }
      return found.sort();
    });
  }

  /** RDS runs its instances by itself; only one that somebody stopped has to be started. It is not waited for. */
  async ensureRunning(clusterIds: readonly string[]): Promise<void> {
    const faults: string[] = [];
    for (const clusterId of clusterIds) {
      const found = await this.find(clusterId);
      if (found === null) faults.push(`${clusterId} is not there`);
      else if (found.DBInstanceStatus === 'stopped') await this.start(clusterId);
    }
    if (faults.length > 0) throw new BerthError('infrastructure-failed', `Cannot be started: ${faults.join(', ')}.`);
  }

  /** Lifts the protection from deletion, right before Terraform deletes. Absent is no error. */
  async unprotect(clusterId: string): Promise<void> {
    const found = await this.find(clusterId);
    if (found?.DeletionProtection !== true) return;
    const identifier = this.identifierOf(clusterId);
    await asking(`lift the protection of ${identifier} from deletion`, () =>
      this.rds.send(
        new ModifyDBInstanceCommand({
          DBInstanceIdentifier: identifier,
          DeletionProtection: false,
          ApplyImmediately: true,
        }),
      ),
    );
  }

  /** For what Terraform's state does not know: an apply that was killed before it wrote. With a last snapshot, always. */
  async destroy(clusterId: string, { signal, onProgress }: InfrastructureWork): Promise<void> {
    const identifier = this.identifierOf(clusterId);
    for (let asked = false; ;) {
      const found = await this.find(clusterId);
      if (found === null) return;
      if (signal.aborted) throw new BerthError('cancelled', 'The work was cancelled; RDS goes on deleting.');
      const { DBInstanceStatus: status = 'unknown' } = found;
      if (!asked && status !== 'deleting') {
        await this.unprotect(clusterId);
        await this.delete(identifier);
        asked = true;
      }
      onProgress({ text: `RDS says that ${identifier} is ${status}`, done: 0, total: 1, unit: 'steps' });
      await pause(this.options.pollMs ?? 15_000, undefined, { signal }).catch(() => undefined);
    }
  }

  /** By its own name. An instance of that name that is not Berth's is never touched. @throws `infrastructure-failed` */
  private async find(clusterId: string): Promise<DBInstance | null> {
    const identifier = this.identifierOf(clusterId);
    const found = await asking(`describe ${identifier}`, async () => {
      const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier });
      return this.rds.send(command).catch((thrown: unknown) => {
        if (isNotFound(thrown)) return null;
        throw thrown;
      });
    });
    const [one] = found?.DBInstances ?? [];
    if (one === undefined || tagOf(one, clusterTag) === clusterId) return one ?? null;
    throw new BerthError('infrastructure-failed', `There is an RDS instance ${identifier}, and it is not Berth's.`, {
      retry: 'operator',
      hint: `It lacks the tag ${clusterTag}=${clusterId}. Rename it, or give the foundation another name_prefix.`,
    });
  }

  private async start(clusterId: string): Promise<void> {
    const identifier = this.identifierOf(clusterId);
    await asking(`start ${identifier}`, () =>
      this.rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier: identifier })),
    );
  }

  private async delete(identifier: string): Promise<void> {
    const at = new Date().toISOString().replaceAll(/[^0-9]/g, '');
    await asking(`delete ${identifier}`, () =>
      this.rds.send(
        new DeleteDBInstanceCommand({
          DBInstanceIdentifier: identifier,
          FinalDBSnapshotIdentifier: `${identifier}-final-${at}`,
          DeleteAutomatedBackups: false,
        }),
      ),
    );
  }

  /** CloudWatch knows it a few minutes after the instance runs; that it does not is no fault. */
  private async freeBytes(identifier: string): Promise<number | null> {
    const now = Date.now();
    const { Datapoints: points = [] } = await asking(`read the free storage of ${identifier}`, () =>
      this.cloudWatch.send(
        new GetMetricStatisticsCommand({
          Namespace: 'AWS/RDS',
          MetricName: 'FreeStorageSpace',
          Dimensions: [{ Name: 'DBInstanceIdentifier', Value: identifier }],
          StartTime: new Date(now - 15 * 60_000),
          EndTime: new Date(now),
          Period: 60,
          Statistics: ['Average'],
        }),
      ),
    );
    const [newest] = [...points].sort((one, other) => Number(other.Timestamp) - Number(one.Timestamp));
    return newest?.Average ?? null;
  }

  private identifierOf(clusterId: string): string {
    return rdsIdentifier(this.options.settings.name_prefix, clusterId);
  }
}

async function asking<T>(doing: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    throw translateError(thrown, doing);
  }
}
