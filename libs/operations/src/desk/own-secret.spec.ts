import { parseTenantId } from '@berth/domain';
import { FakeSystem } from '@berth/testing';
import type { OperationRequest } from '../request.js';

const acme = parseTenantId('acme');
const relocate = {
  kind: 'move-tenant',
  tenantId: acme,
  strategy: 'online',
  switchMode: 'auto',
  target: { tier: 'shared', clusterId: 'shared-2' },
} as const;

describe('what a plan says of clients that read the secret themselves', () => {
  let system: FakeSystem;
  beforeEach(async () => {
    system = new FakeSystem();
    await system.addCluster('shared-1');
    await system.readyTenant('acme');
    await system.addCluster('shared-2');
  });

  const said = async (request: OperationRequest) => {
    const { findings, steps } = await system.desk.plan(request);
    const found = findings.filter(({ code }) => code === 'clients-read-secret');
    expect(found).toMatchObject([{ severity: 'info', object: 'secret tenants/acme/db' }]);
    const [{ message = '', remedy = '' } = {}] = found;
    const named = ['arm-fence', 'switch-over', 'switch-secret', 'close-source'].filter((step) =>
      message.includes(step),
    );
    expect(steps.map(({ name }) => name)).toEqual(expect.arrayContaining(named));
    expect(remedy).toMatch(/client library.*read the secret again on these errors/);
    return { message, named };
  };
  /** As the fence words it: libs/adapters/postgres/src/connection/berth-schema.ts. */
  const refusal = (generation: number) =>
    `SQLSTATE 25006, message "tenant moved", detail "generation ${String(generation)}"`;

  it('is the error of the fence, from the step that refuses them on, and what to do', async () => {
    const online = await said(relocate);
    expect(online.message).toContain(refusal(2));
    expect(online.named).toEqual(['switch-over', 'switch-secret', 'close-source']);
    const byDump = await said({ ...relocate, strategy: 'dump' });
    expect(byDump.message).toContain(refusal(2));
    expect(byDump.named).toEqual(['arm-fence', 'switch-secret', 'close-source']);
  });

  it('is said of the way back too, with its own generation', async () => {
    const { id: moveId } = await system.perform(relocate);
    const back = await said({ kind: 'reverse-move', moveId });
    expect(back.message).toContain(refusal(3));
    expect(back.named).toEqual(['switch-over', 'switch-secret', 'close-source']);
  });
});
