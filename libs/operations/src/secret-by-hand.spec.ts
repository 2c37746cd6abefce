import { parseTenantId, secretRefs } from '@berth/domain';
import { beforeStep, fakeMoves, type FakeSystem, systemToMoveIn } from '@berth/testing';

const acme = parseTenantId('acme');
const ref = secretRefs.tenantDb(acme);
const relocate = { ...fakeMoves.relocate, strategy: 'dump' } as const;

describe('a secret that somebody changes by hand while its tenant moves', () => {
  let system: FakeSystem;
  let id: string;
  const writeByHand = async () => {
    const present = (await system.secrets.read(ref))!;
    await system.secrets.write(ref, present.document, { expectedVersion: present.version, metadata: {} });
  };
  beforeEach(async () => {
    ({ system } = await systemToMoveIn());
    id = (await system.desk.start(relocate, 'test')).id;
    const failpoints = beforeStep('dump-source', writeByHand);
    expect(await system.runOn(id, { failpoints })).toMatchObject({
      state: 'needs-operator',
      error: { code: 'secret-conflict', details: { ref, expectedVersion: 1, foundVersion: 2 } },
    });
  });

  it('stops the move before it writes, and a retry replaces the version that was named', async () => {
    expect(await system.secrets.read(ref)).toMatchObject({ version: 2, document: { generation: 1 } });
    await system.desk.retry(id);
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
    expect(await system.secrets.read(ref)).toMatchObject({ version: 3, document: { generation: 2 } });
  });

  it('stops it again when it is changed once more before the retry: nobody has seen that version', async () => {
    await writeByHand();
    await system.desk.retry(id);
    expect(await system.runOn(id)).toMatchObject({
      state: 'needs-operator',
      error: { code: 'secret-conflict', details: { expectedVersion: 2, foundVersion: 3 } },
    });
  });
});
