import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateDBInstanceCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBInstanceCommand,
  paginateDescribeDBInstances,
  RDSClient,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { motoPart, recordedWork, startMoto, whenAvailable, type TestMoto } from '@berth/testing';
import { rdsIdentifier } from './identifier.js';
import { RdsInstances } from './rds-instances.js';

const settings = { region: 'eu-central-1', name_prefix: 'berth' };
const ca = '-----BEGIN CERTIFICATE-----';
const gib = 1024 ** 3;

whenAvailable(motoPart, 'RdsInstances, over moto', () => {
  let moto: TestMoto;
  let rds: RDSClient;
  let cloudWatch: CloudWatchClient;
  let instances: RdsInstances;
  let tests = 0;
  let clusterId: string;
  let identifier: string;

  beforeAll(async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'any';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'any';
    moto = await startMoto();
    const client = { region: settings.region, endpoint: moto.endpoint };
    [rds, cloudWatch] = [new RDSClient(client), new CloudWatchClient(client)];
    instances = new RdsInstances({ settings, ca, endpoint: moto.endpoint, pollMs: 10, pageSize: 20 });
  });
  // Of its own for each test: moto takes seconds to forget.
  beforeEach(() => {
    tests += 1;
    clusterId = `dedicated-acme-g${String(tests)}`;
    identifier = `berth-t-acme-g${String(tests)}`;
  });
  afterAll(async () => moto.stop());

  /** As the module tenant-storage makes it. */
  async function make(id: string, tags: Readonly<Record<string, string>> = { 'berth:cluster': id }): Promise<void> {
    await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: rdsIdentifier(settings.name_prefix, id),
        Engine: 'postgres',
        EngineVersion: '17.6',
        DBInstanceClass: 'db.t4g.medium',
        AllocatedStorage: 20,
        MaxAllocatedStorage: 500,
        MasterUsername: 'berth_admin',
        MasterUserPassword: 'correct-horse-battery',
        DeletionProtection: true,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
  }
  const snapshots = async (): Promise<readonly string[]> => {
    const { DBSnapshots: found = [] } = await rds.send(new DescribeDBSnapshotsCommand({ SnapshotType: 'manual' }));
    return found.map(({ DBSnapshotIdentifier: id = '' }) => id);
  };

  it('knows nothing at first', async () => {
    expect(await instances.inspect(clusterId)).toEqual({ state: 'absent' });
    expect(await instances.report(clusterId)).toBeNull();
    expect(await instances.list()).toEqual([]);
    await instances.unprotect(clusterId);
    await instances.destroy(clusterId, recordedWork());
  });

  it('reads an instance with its labels, and how to reach it', async () => {
    await make(clusterId, { 'berth:cluster': clusterId, 'berth:label:region': 'eu', 'berth:label:plan': 'pro' });
    expect(await instances.inspect(clusterId)).toEqual({
      state: 'running',
      instance: {
        clusterId,
        host: expect.stringMatching(new RegExp(`^${identifier}\\..+\\.eu-central-1\\.rds\\.amazonaws\\.com$`)),
        port: 5432,
        postgresMajor: 17,
        labels: { region: 'eu', plan: 'pro' },
        sslMode: 'verify-full',
        ca,
      },
    });
  });

  it('touches no instance that bears its name and is not its own', async () => {
    await make(clusterId, { owner: 'somebody' });
    const refused = {
      code: 'infrastructure-failed',
      retry: 'operator',
      hint: expect.stringContaining('berth:cluster'),
    };
    await expect(instances.inspect(clusterId)).rejects.toMatchObject(refused);
    await expect(instances.destroy(clusterId, recordedWork())).rejects.toMatchObject(refused);
    expect(await instances.list()).not.toContain(clusterId);
  });

  it('reports status, events and the storage that is left', async () => {
    await make(clusterId);
    expect(await instances.report(clusterId)).toMatchObject({ storage: { freeBytes: null } });
    for (const [minutesAgo, Value] of [
      [5, 4 * gib],
      [1, 3 * gib],
    ] as const) {
      await cloudWatch.send(
        new PutMetricDataCommand({
          Namespace: 'AWS/RDS',
          MetricData: [
            {
              MetricName: 'FreeStorageSpace',
              Value,
              Dimensions: [{ Name: 'DBInstanceIdentifier', Value: identifier }],
              Timestamp: new Date(Date.now() - minutesAgo * 60_000),
            },
          ],
        }),
      );
    }
    const report = await instances.report(clusterId);
    expect(report).toMatchObject({
      provider: 'Amazon RDS',
      identifier,
      status: 'available',
      endpoint: expect.stringMatching(new RegExp(`^${identifier}\\..+:5432$`)),
      storage: { allocatedBytes: 20 * gib, freeBytes: 3 * gib, limitBytes: 500 * gib },
    });
    expect(report?.events.map(({ message }) => message)).toContain('DB instance created');
  });

  it('sees what was modified by hand', async () => {
    await make(clusterId);
    await rds.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: identifier,
        MaxAllocatedStorage: 1000,
        ApplyImmediately: true,
      }),
    );
    expect(await instances.report(clusterId)).toMatchObject({ storage: { limitBytes: 1000 * gib } });
  });

  it('starts an instance that somebody stopped, and names one that is not there', async () => {
    await make(clusterId);
    await rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier: identifier }));
    expect(await instances.inspect(clusterId)).toMatchObject({ state: 'stopped' });
    await expect(instances.ensureRunning(['dedicated-nobody-g1', clusterId])).rejects.toMatchObject({
      code: 'infrastructure-failed',
      message: expect.stringContaining('dedicated-nobody-g1'),
    });
    expect(await instances.inspect(clusterId)).toMatchObject({ state: 'running' });
  });

  it('destroys with a last snapshot of a name of its own, though the instance was protected', async () => {
    await make(clusterId);
    const work = recordedWork();
    await instances.destroy(clusterId, work);
    expect(work.seen.length).toBeGreaterThan(0);
    expect(await instances.inspect(clusterId)).toEqual({ state: 'absent' });
    expect(await snapshots()).toEqual([expect.stringMatching(new RegExp(`^${identifier}-final-\\d{17}$`))]);
  });

  it('deletes nothing once it was cancelled', async () => {
    await make(clusterId);
    const work = recordedWork();
    work.abort();
    await expect(instances.destroy(clusterId, work)).rejects.toMatchObject({ code: 'cancelled' });
    expect(await instances.inspect(clusterId)).toMatchObject({ state: 'running' });
  });

  it('lists all of its instances over several pages, and no other', async () => {
    const before = await instances.list();
    const ids = Array.from({ length: 21 }, (_, index) => `dedicated-tenant-${String(index)}-g1`);
    for (const id of [...ids, 'shared-1']) await make(id);
    expect(await pagesOf(rds)).toBeGreaterThan(1);
    expect(await instances.list()).toEqual([...before, ...ids].sort());
  });
});

async function pagesOf(client: RDSClient): Promise<number> {
  let pages = 0;
  for await (const _ of paginateDescribeDBInstances({ client, pageSize: 20 }, {})) pages += 1;
  return pages;
}
