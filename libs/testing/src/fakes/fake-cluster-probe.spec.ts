import type { ClusterAccess } from '@berth/domain';
import { describeClusterProbeContract } from '../contracts/cluster-probe.contract.js';
import { FakeClusterProbe } from './fake-cluster-probe.js';

const access = (clusterId: string): ClusterAccess => ({
  clusterId,
  host: '127.0.0.1',
  port: 5432,
  sslMode: 'disable',
  database: 'tenants',
  user: 'berth_admin',
  password: 'secret',
});

describeClusterProbeContract('in memory (fake)', async () => {
  const probe = new FakeClusterProbe();
  probe.cluster('down').reachable = false;
  return { probe, fresh: access('shared-1'), unreachable: access('down'), close: async () => undefined };
});
