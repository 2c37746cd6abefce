import type { ClusterAccess } from '@berth/domain';
import type { ClusterProbe } from '@berth/ports';

export interface ClusterProbeSubject {
  readonly probe: ClusterProbe;
  /** A sound cluster that was never prepared; its tenants' database is not there. */
  readonly fresh: ClusterAccess;
  /** One where nothing answers; `load` knows it too. */
  readonly unreachable: ClusterAccess;
  readonly close: () => Promise<void>;
}

/** What every cluster probe does. A subject is used by one test. */
export function describeClusterProbeContract(name: string, makeSubject: () => Promise<ClusterProbeSubject>): void {
  describe(`the cluster probe ${name}`, () => {
    let subject: ClusterProbeSubject;

    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(async () => {
      await subject.close();
    });

    it('finds nothing that stops a sound cluster, prepared or not', async () => {
      const before = await subject.probe.check(subject.fresh);
      expect(before.postgresMajor).toBeGreaterThanOrEqual(15);
      expect(before.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(before.findings.map(({ code }) => code)).toContain('cluster-not-prepared');
      await subject.probe.prepare(subject.fresh);
      const after = await subject.probe.check(subject.fresh);
      expect(after.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
      expect(after.findings.map(({ code }) => code)).not.toContain('cluster-not-prepared');
    });

    it('tells what preparing changed, and changes nothing the second time', async () => {
      const changes = await subject.probe.prepare(subject.fresh);
      expect(changes).toContain(`Created database ${subject.fresh.database}.`);
      expect(await subject.probe.prepare(subject.fresh)).toEqual([]);
    });

    it('reports a cluster that does not answer as one finding', async () => {
      const { postgresMajor, findings } = await subject.probe.check(subject.unreachable);
      expect(postgresMajor).toBeNull();
      expect(findings.map(({ code, severity }) => [code, severity])).toEqual([['cluster-unreachable', 'error']]);
      await expect(subject.probe.prepare(subject.unreachable)).rejects.toMatchObject({ code: 'cluster-unreachable' });
      await expect(subject.probe.load(subject.unreachable.clusterId)).rejects.toMatchObject({
        code: 'cluster-unreachable',
      });
    });

    it('reads the load', async () => {
      await subject.probe.prepare(subject.fresh);
      const load = await subject.probe.load(subject.fresh.clusterId);
      expect(load.bytes).toBeGreaterThan(1_000_000);
      expect(load.sessions).toBeGreaterThan(0);
      expect(load.maxSessions).toBeGreaterThan(load.sessions);
      expect(load.schemas).toBe(0);
    });
  });
}
