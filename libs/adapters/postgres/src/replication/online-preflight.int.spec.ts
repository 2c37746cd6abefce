import { type Finding, streamsOf } from '@berth/domain';
import { postgresMajors, startTenantPair, type TenantPair, whenAvailable } from '@berth/testing';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantReplication } from './postgres-tenant-replication.js';

const majors = (await postgresMajors()).map(({ major }) => major).filter((major) => major >= 16);
const missing = majors.length > 0 ? undefined : '16 or newer is not here (BERTH_TEST_PG_BINS names bin folders)';
const major = majors[0] ?? 16;

/** A server on which nothing is as an online move needs it; its admin may make roles and databases, and no more. */
const settings = {
  wal_level: 'replica',
  max_wal_senders: 1,
  max_logical_replication_workers: 1,
  max_replication_slots: 1,
  ...(major >= 18 && { max_active_replication_origins: 1 }),
  max_prepared_transactions: 2,
};

const seeds: readonly (Pick<Finding, 'code' | 'severity'> & { readonly message: RegExp; readonly remedy: RegExp })[] = [
  { code: 'wal-level', severity: 'error', message: /is replica/, remedy: /Set wal_level = 'logical' and restart/ },
  { code: 'replication-slots', severity: 'error', message: /Only 1 /, remedy: /Raise max_replication_slots/ },
  { code: 'wal-senders', severity: 'error', message: /Only 1 WAL/, remedy: /Raise max_wal_senders/ },
  { code: 'apply-workers', severity: 'error', message: /Only 1 /, remedy: /Raise max_logical_replication_workers/ },
  { code: 'replication-origins', severity: 'error', message: /Only 1 /, remedy: /max_active_replication_origins/ },
  { code: 'statements-kept', severity: 'warning', message: /password/, remedy: /SET pgaudit\.log = none/ },
  { code: 'replication-right', severity: 'error', message: /replication/, remedy: /ALTER ROLE <admin> REPLICATION/ },
  { code: 'subscription-right', severity: 'error', message: /subscr/, remedy: /GRANT pg_create_subscription TO/ },
  { code: 'create-right', severity: 'error', message: /nothing/, remedy: /GRANT CREATE ON DATABASE \S+ TO <admin>/ },
];

whenAvailable({ name: 'PostgreSQL 16 or newer', missing }, 'the preflight of an online move', () => {
  let pair: TenantPair;
  let connections: ClusterConnections;
  let replication: PostgresTenantReplication;
  let others: Awaited<ReturnType<TenantPair['another']>>;

  beforeAll(async () => {
    pair = await startTenantPair({
      berthSchema: berthSchema.map(({ sql }) => sql),
      source: { major, settings },
      target: { major, replication: true, settings: { max_prepared_transactions: 2 } },
    });
    connections = new ClusterConnections(pair.directory);
    replication = new PostgresTenantReplication(connections);
    others = await pair.another('neighbour');
  });
  afterAll(async () => {
    await connections?.close();
    await pair?.close();
  });

  const look = (ends: 'both' | 'from' = 'both'): Promise<readonly Finding[]> =>
    replication.preflight(streamsOf(pair.source, pair.target, 2).forward, {}, ends);

  describe('at a server where nothing fits', () => {
    let findings: readonly Finding[];
    beforeAll(async () => {
      const { sourceServer, source } = pair;
      await sourceServer.psql(
        `ALTER ROLE ${sourceServer.admin.user} SET pgaudit.log = 'ddl';
         ALTER DATABASE ${source.database} OWNER TO ${sourceServer.superuser.user}`,
      );
      findings = (await look()).filter(({ object }) => object === 'cluster cluster-source');
    });

    it.each(seeds)('finds $code, and says what to do', ({ code, severity, message, remedy }) => {
      expect(findings).toContainEqual({
        ...{ code, severity, object: 'cluster cluster-source' },
        ...{ message: expect.stringMatching(message), remedy: expect.stringMatching(remedy) },
      });
    });

    it('finds each once, nothing else, and the same while there is no target', async () => {
      expect(findings.map(({ code }) => code).sort()).toEqual(seeds.map(({ code }) => code).sort());
      expect(await look('from')).toEqual(findings);
    });
  });

  it('finds nothing at a server where all is there', async () => {
    expect((await look()).filter(({ object }) => object === 'cluster cluster-target')).toEqual([]);
  });

  it('names the materialized views that are refreshed after the switch, but no empty one', async () => {
    await pair.run(
      pair.source,
      'CREATE MATERIALIZED VIEW totals AS SELECT 1 AS n; CREATE MATERIALIZED VIEW empty AS SELECT 1 AS n WITH NO DATA',
    );
    const found = (await look()).filter(({ code }) => code === 'view-refreshed');
    expect(found).toEqual([
      expect.objectContaining({
        severity: 'info',
        object: 'materialized view tenant_acme.totals',
        message: expect.stringMatching(/refreshed there after the switch/),
      }),
    ]);
  });

  it("finds another tenant's prepared transaction at either end, for which a stream would wait", async () => {
    const ends = [
      [pair.sourceServer, others.source],
      [pair.targetServer, others.target],
    ] as const;
    for (const [server, place] of ends) {
      await server.psql(
        `SET SESSION AUTHORIZATION ${place.ownerRole}; BEGIN; CREATE TABLE ${place.schema}.t (); PREPARE TRANSACTION 'left-open'`,
        place.database,
      );
    }
    try {
      const found = (await look()).filter(({ code }) => code === 'prepared-elsewhere');
      expect(found).toEqual(
        ['cluster-source', 'cluster-target'].map((id) => ({
          ...{ code: 'prepared-elsewhere', severity: 'warning', object: `cluster ${id}` },
          message: expect.stringMatching(
            /^The prepared transaction 'left-open' of tenant_neighbour in database \w+ has been open for \d+ s/,
          ),
          remedy: expect.stringMatching(/ROLLBACK PREPARED/),
        })),
      );
    } finally {
      for (const [server, { database }] of ends) await server.psql(`ROLLBACK PREPARED 'left-open'`, database);
    }
  });
});
