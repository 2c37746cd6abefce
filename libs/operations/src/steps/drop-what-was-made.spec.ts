import { parseTenantId, placeOf, scramVerifier, type Actor } from '@berth/domain';
import { FakeTenantDatabase } from '@berth/testing';
import type { WantedTenant } from '@berth/ports';
import { dropWhatWasMade } from './drop-what-was-made.js';

const tenantId = parseTenantId('acme-corp');
const place = placeOf(tenantId, 'shared-1', 'tenants');
const wanted: WantedTenant = {
  place,
  limits: { connectionLimit: 5, statementTimeoutMs: 30_000, idleInTransactionTimeoutMs: 60_000 },
  logins: 'open',
  verifiers: { a: scramVerifier('correct horse', { iterations: 4096 }) },
};

function by(operationId: string, database: FakeTenantDatabase) {
  const actor: Actor = { tenantId, operationId, fence: 1 };
  return { actor, context: { operationId, fence: 1, input: { tenantId }, tools: { database } } };
}

describe('the undo of making a place', () => {
  it('drops what its own operation made, and may run twice', async () => {
    const database = new FakeTenantDatabase();
    const { actor, context } = by('op-1', database);
    await database.create(wanted, actor);
    await dropWhatWasMade(context, place);
    await dropWhatWasMade(context, place);
    expect(database.objects(place)).toEqual([]);
  });

  it('leaves alone what was there before the operation, whose making of it was refused', async () => {
    const database = new FakeTenantDatabase();
    await database.converge(wanted, by('somebody-else', database).actor);
    const before = database.objects(place);
    const { actor, context } = by('op-1', database);
    await expect(database.create(wanted, actor)).rejects.toMatchObject({ code: 'placement-conflict' });
    await dropWhatWasMade(context, place);
    expect(database.objects(place)).toEqual(before);
  });

  it('leaves alone what a later operation made', async () => {
    const database = new FakeTenantDatabase();
    await database.create(wanted, by('op-2', database).actor);
    await dropWhatWasMade(by('op-1', database).context, place);
    expect(database.objects(place)).not.toEqual([]);
  });
});
