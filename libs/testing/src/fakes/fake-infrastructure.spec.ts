import { BerthError } from '@berth/domain';
import { describeInfrastructureContract, recordedWork } from '../contracts/infrastructure.contract.js';
import { FakeInfrastructure } from './fake-infrastructure.js';

describeInfrastructureContract('in memory (fake)', async () => {
  const infrastructure = new FakeInfrastructure();
  return {
    infrastructure,
    rightsOf: async (instance, admin) => (infrastructure.accepts(instance.clusterId, admin) ? 'f|t|t' : null),
    kill9: async (clusterId) => {
      infrastructure.stop(clusterId);
    },
    loseData: async (clusterId) => {
      infrastructure.loseData(clusterId);
    },
    dieInCreate: async (spec, admin) => {
      infrastructure.failNextCreate = new BerthError('internal', 'died for the test');
      await infrastructure.create(spec, admin, recordedWork()).catch(() => undefined);
    },
    close: async () => undefined,
  };
});
