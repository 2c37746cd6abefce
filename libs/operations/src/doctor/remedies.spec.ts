import { BerthError, type DoctorReport, secretRefs, type TenantId } from '@berth/domain';
import { FakeServerExaminer, FakeSystem } from '@berth/testing';

let system: FakeSystem;
let acme: Awaited<ReturnType<FakeSystem['readyTenant']>>;

beforeEach(async () => {
  system = new FakeSystem();
  for (const id of ['shared-1', 'shared-2']) await system.addCluster(id);
  acme = await system.readyTenant('acme', { clusterId: 'shared-1' });
});

const examine = () => system.doctor().examine(null);
const told = ({ findings }: DoctorReport, code: string) =>
  findings
    .filter((finding) => finding.code === code)
    .map(({ check, severity, object, message, remedy }) => ({ check, severity, object, message, remedy }));

/** The secret of a place that the catalog does not know, as a hand or a second Berth would write it. */
async function writeNewer(tenantId: TenantId): Promise<void> {
  const ref = secretRefs.tenantDb(tenantId);
  const { document, version } = (await system.secrets.read(ref))!;
  const newer = { ...document, generation: document.generation + 5 };
  await system.secrets.write(ref, newer, { expectedVersion: version, metadata: {} });
}

/** A suspension whose step has failed in this way, once. */
async function failOnce(code: 'fence-missing' | 'cluster-unreachable'): Promise<string> {
  const { id } = await system.desk.start({ kind: 'suspend-tenant', tenantId: acme.tenantId, reason: 'test' }, 'test');
  system.database.unavailable = new BerthError(code, 'It is as the test wants it.');
  await system.runOn(id, { patienceMs: -1 });
  system.database.unavailable = undefined;
  return id;
}

it('tells an operation that needs an operator, with the commands that end it', async () => {
  const id = await failOnce('fence-missing');
  expect(told(await examine(), 'needs-operator')).toEqual([
    {
      ...{ check: 'operations', severity: 'error', object: `operation ${id}` },
      message: expect.stringMatching(/^The suspend-tenant of acme needs an operator: .* It is as the test wants it/),
      remedy: expect.stringContaining(`berth operations retry ${id}`),
    },
  ]);
});

it('tells an operation that fails again and again after ten minutes, and not before', async () => {
  const id = await failOnce('cluster-unreachable');
  expect(told(await examine(), 'operation-retried')).toEqual([]);
  system.clockOffsetMs += 11 * 60_000;
  expect(told(await examine(), 'operation-retried')).toMatchObject([
    {
      check: 'operations',
      severity: 'warning',
      object: `operation ${id}`,
      remedy: expect.stringMatching(/^berth operations show/),
    },
  ]);
});

it('tells a secret that is newer than the catalog, and starts no repair over it', async () => {
  await writeNewer(acme.tenantId);
  const report = await examine();
  expect(told(report, 'secret-conflict')).toMatchObject([
    {
      check: 'secrets',
      severity: 'error',
      object: 'tenant acme',
      remedy: expect.stringContaining('berth tenants repair acme'),
    },
  ]);
  expect(await system.doctor().mend(report, { requestedBy: 'test', dryRun: true })).toEqual([]);
});

it('tells a tenant that has no place on any cluster', async () => {
  const [place] = await system.catalog.placements.onCluster('shared-1');
  await system.catalog.clusters.update('shared-1', { state: 'retired' });
  expect(place).toMatchObject({ state: 'current' });
  expect(told(await examine(), 'tenant-without-place')).toEqual([
    {
      ...{ check: 'tenants', severity: 'error', object: 'tenant acme' },
      message: 'It is ready, and the catalog has no current place of it on any cluster that is registered.',
      remedy: expect.stringMatching(/^berth tenants show acme .*berth clusters register/),
    },
  ]);
});

/** A command of Berth's, of SQL or of a program that it names; or in plain words whose hand is needed. The last three are an adapter's. */
const remedyPattern =
  /\bberth (?:doctor|status|tenants|clusters|poolers|operations|moves|secrets) ?|: (?:SELECT|ALTER|DROP|GRANT) |\bvault kv |\bterraform |^By (?:hand|the hand of)\b|^Restore the secret \S+ from a backup|^Check its address|^Start it/;

it('gives each finding of each check a command that mends it, or says whose hand is needed', async () => {
  const slot = FakeServerExaminer.slot;
  const created = { expectedVersion: 0, metadata: {} };
  const work = { signal: new AbortController().signal, onProgress: () => undefined };
  const bare = { severity: 'warning', object: 'cluster shared-1', message: 'Something.', remedy: null } as const;
  for (const id of ['bakery', 'cellar', 'deli', 'forge']) await system.readyTenant(id, { clusterId: 'shared-1' });
  await system.secrets.remove(secretRefs.tenantDb('bakery' as TenantId));
  await system.secrets.remove(secretRefs.tenantLogins('cellar' as TenantId));
  await writeNewer('deli' as TenantId);
  system.database.damage((await system.tools.placements.current('forge' as TenantId))!, 'login a');
  await system.secrets.write(secretRefs.clusterAdmin('gone'), { username: 'a', password: 'b' }, created);
  await failOnce('fence-missing');
  await system.addCluster('away');
  system.probe.cluster('away').reachable = false;
  await system.addCluster('dedicated-lost-g2', { tier: 'dedicated', managed: true });
  await system.infrastructure.create(
    { clusterId: 'dedicated-ghost-g2', tenantId: 'ghost', labels: {} },
    { username: 'admin', password: 'only-a-test' },
    work,
  );
  const { settings } = system.examiner.server('shared-1').reading;
  system.probe.cluster('shared-1').findings = [{ ...bare, code: 'clock-skew' }];
  system.probe.cluster('shared-2').prepared = false;
  system.examiner.show('shared-1', {
    ...{ version: '11.1', postgresMajor: 11, settings: { ...settings, fsync: 'off', log_statement: 'all' } },
    trust: [{ line: 5, text: 'host all all 0.0.0.0 0.0.0.0 trust' }],
    slots: [
      slot('berth_acme_g2_f', { lost: true }),
      slot('berth_ghost_g2_f'),
      slot('other', { lost: true, active: false }),
    ],
    schemas: [{ name: 'tenant_shop', owner: 'tenant_shop' }],
    roles: ['tenant_shop'],
  });
  system.examiner.show('shared-2', { scratch: [`berth_scratch_${'a'.repeat(24)}`] });
  system.certificates.certificates = [{ part: 'Vault at vault:8200', validTo: new Date(0), because: null }];
  await system.addPooler('pool-1');
  (await system.addPooler('pool-2')).answers = false;
  const { findings } = await examine();
  expect(findings.filter(({ remedy }) => !remedyPattern.test(remedy ?? ''))).toEqual([]);
  expect(new Set(findings.map(({ check }) => check))).toEqual(
    new Set([
      ...['clusters', 'versions', 'certificates', 'settings', 'tenants', 'secrets', 'streams', 'log', 'places'],
      ...['scratch', 'instances', 'poolers', 'operations'],
    ]),
  );
  // Those with an adapter's words and none of their own.
  const fallback = {
    code: 'clock-skew',
    remedy: expect.stringMatching(/^By the hand of whoever runs the server/) as string,
  };
  expect(findings).toContainEqual(expect.objectContaining(fallback));
});
