import { parseTenantId, placeOf, scramVerifier } from '@berth/domain';
import { describeServerExaminerContract } from '../contracts/server-examiner.contract.js';
import { FakeServerExaminer } from './fake-server-examiner.js';
import { FakeTenantDatabase } from './fake-tenant-database.js';

describeServerExaminerContract('in memory', async () => {
  const database = new FakeTenantDatabase();
  const examiner = new FakeServerExaminer(database);
  examiner.server('down').reachable = false;
  const at = () => examiner.server('shared-1').reading;
  return {
    ...{ examiner, database, clusterId: 'shared-1', unreachableId: 'down' },
    makeTenant: async (id) => {
      const place = placeOf(parseTenantId(id), 'shared-1', 'tenants');
      const limits = { connectionLimit: 5, statementTimeoutMs: 0, idleInTransactionTimeoutMs: 0 };
      const wanted = { place, limits, logins: 'open' as const, verifiers: { a: scramVerifier('only-a-test') } };
      await database.converge(wanted, { operationId: 'op', tenantId: place.tenantId, fence: 1 });
      return wanted;
    },
    damage: async ({ place }) => database.damage(place, 'login a'),
    leaveStream: async (name) =>
      examiner.show('shared-1', {
        slots: [...at().slots, FakeServerExaminer.slot(name)],
        streamParts: [...at().streamParts, { kind: 'role', name }],
      }),
    leaveScratch: async (name) => examiner.show('shared-1', { scratch: [...at().scratch, name] }),
  };
});
