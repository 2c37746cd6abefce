import { type Place, serviceRole } from '@berth/domain';
import {
  awkwardSchema,
  chinook,
  inTurn,
  postgresMajors,
  startTenantPair,
  type TenantPair,
  whenAvailable,
} from '@berth/testing';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantComparison } from '../comparison/postgres-tenant-comparison.js';
import { PostgresTenantFence } from '../fence/postgres-tenant-fence.js';
import { PostgresTenantCopy } from './postgres-tenant-copy.js';

const work = { signal: new AbortController().signal, onProgress: () => undefined };
const majors = (await postgresMajors()).map(({ major }) => major).sort((left, right) => left - right);

const routes = [
  [15, 15],
  [15, 16],
  [16, 16],
  [15, 18],
  [16, 18],
  [18, 18],
] as const;

describe.each(inTurn(import.meta.url, routes))('a tenant copied from PostgreSQL %i to %i', (from, to) => {
  const missing = [...new Set([from, to])].filter((major) => !majors.includes(major));
  const servers = {
    name: `PostgreSQL ${[...new Set([from, to])].join(' and ')}`,
    missing:
      missing.length === 0 ? undefined : `${missing.join(' and ')} is not here (BERTH_TEST_PG_BINS names bin folders)`,
  };

  whenAvailable(servers, 'as it is', () => {
    let pair: TenantPair;
    let connections: ClusterConnections;
    let copy: PostgresTenantCopy;

    beforeAll(async () => {
      const options = { berthSchema: berthSchema.map(({ sql }) => sql) };
      pair = await startTenantPair({ ...options, source: { major: from }, target: { major: to } });
      connections = new ClusterConnections(pair.directory);
      copy = new PostgresTenantCopy({
        connections,
        dumpsFolder: pair.dumps,
        programsFor: (major) => pair.programsFor(major),
      });
    });
    afterAll(async () => {
      await connections?.close();
      await pair?.close();
    });

    /** As a move does it: fenced, dumped, restored, analysed, compared, marked. */
    async function move(source: Place, target: Place, actor: TenantPair['actor']) {
      const fence = new PostgresTenantFence(connections);
      const fingerprint = await fence.fingerprint(source);
      expect((await copy.preflight(source, target)).filter(({ severity }) => severity === 'error')).toEqual([]);
      await fence.arm(source, 2, actor, { lockTimeoutMs: 2_000 });
      await copy.dump(source, source.schema, work);
      await copy.restore(source.schema, target, actor, work);
      await copy.analyze(target, work);
      const report = await new PostgresTenantComparison(connections).compare(source, target, work);
      await fence.markMoved(source, { generation: 2, fingerprint }, actor);
      expect(await fence.state(target)).toBe('open');
      // Between versions some views are printed in other words.
      if (from === to) expect(await fence.fingerprint(target)).toBe(fingerprint);
      return report;
    }

    it('trap 15: keeps a schema that hurts, to the row and to the right', async () => {
      await pair.run(pair.source, awkwardSchema);
      const report = await move(pair.source, pair.target, pair.actor);
      expect(report.differences).toEqual([]);
      expect(report.equal).toBe(true);
      // Whichever of the two is newer: what a tenant comes back from may be.
      const back = await new PostgresTenantComparison(connections).compareDefinitions(pair.target, pair.source);
      expect(back).toEqual([]);
    });

    it('leaves a target that works: defaults, sequences, rights of the service role', async () => {
      await pair.run(pair.target, `INSERT INTO account (name) VALUES ('new'); INSERT INTO animal VALUES (3, 'owl')`);
      expect(
        await pair.run(pair.target, `SELECT id, feeling, note LIKE 'stamped%' FROM account WHERE name = 'new'`),
      ).toBe('5|ok|t');
      expect(await pair.run(pair.target, `SELECT nextval('invoice_number')`)).toBe('1050');
      expect(
        await pair.targetServer.psql(
          `SET ROLE ${serviceRole}; SELECT count(*) > 0 FROM ${pair.target.schema}.ledger`,
          pair.target.database,
        ),
      ).toBe('t');
    });

    whenAvailable(chinook.part, 'with real data', () => {
      it('keeps every row, and its rehearsal agrees', async () => {
        const { source, target, actor } = await pair.another('chinook');
        await pair.run(source, await chinook.sql());
        const report = await move(source, target, actor);
        expect(report).toMatchObject({ equal: true, differences: [] });
        expect(report.tables).toHaveLength(11);
        expect(report.rows).toBeGreaterThan(15_000);
        expect(await copy.rehearse(source.schema, source, work)).toMatchObject({ equal: true, rows: report.rows });
      });
    });

    it('finds what was damaged after the copy', async () => {
      await pair.run(
        pair.target,
        `DELETE FROM account WHERE name = 'new'; UPDATE word SET n = 0 WHERE n = 7; DROP INDEX ledger_recent`,
      );
      const report = await new PostgresTenantComparison(connections).compare(pair.source, pair.target, work);
      expect(report.differences).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ kind: 'changed-row', object: 'word (word) = (A7)' }),
          expect.objectContaining({ kind: 'index', object: 'ledger.ledger_recent' }),
        ]),
      );
    });
  });
});

describe('a copy back to an older server', () => {
  const missing = majors.includes(16) && majors.includes(15) ? undefined : '15 and 16 are not both here';
  whenAvailable({ name: 'PostgreSQL 15 and 16', missing }, 'is found', () => {
    it('before anything is done', async () => {
      const pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql), source: { major: 16 } });
      const connections = new ClusterConnections(pair.directory);
      try {
        const copy = new PostgresTenantCopy({
          connections,
          dumpsFolder: pair.dumps,
          programsFor: (major) => pair.programsFor(major),
        });
        expect(await copy.preflight(pair.source, pair.target)).toContainEqual(
          expect.objectContaining({ code: 'target-older', severity: 'error' }),
        );
      } finally {
        await connections.close();
        await pair.close();
      }
    });
  });
});
