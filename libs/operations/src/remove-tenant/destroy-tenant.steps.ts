import { secretRefs } from '@berth/domain';
import { done, forwardStep } from '@berth/saga';
import { destroyInstance } from '../steps/create-instance.step.js';
import { refuseLeftovers } from '../steps/refuse-leftovers.js';
import { actorOf, type Tools } from '../tools.js';
import type { RemoveTenant } from './remove-tenant.input.js';

export const dropTenant = forwardStep<RemoveTenant, Pick<Tools, 'database' | 'fence'>>()({
  name: 'drop-tenant',
  describe: ({ place }) =>
    `Drop schema, roles and grants on cluster ${place.clusterId} and read back that nothing is left.`,
  async run(context) {
    const { input, tools } = context;
    await tools.database.drop(input.place, actorOf(context));
    await tools.fence.clearMarker(input.place, actorOf(context));
    refuseLeftovers(await tools.database.leftovers(input.place));
    return done;
  },
});

export const removeInstance = forwardStep<
  RemoveTenant,
  Pick<Tools, 'clusters' | 'infrastructure' | 'placements' | 'secrets'>
>()({
  name: 'remove-instance',
  describe: ({ place }) => `Destroy the dedicated instance ${place.clusterId}.`,
  async run({ input, tools, signal, reportProgress }) {
    await tools.placements.retireAll(input.tenantId);
    await destroyInstance(tools, input.place.clusterId, { signal, onProgress: reportProgress });
    return done;
  },
});

export const destroySecrets = forwardStep<RemoveTenant, Pick<Tools, 'secrets'>>()({
  name: 'destroy-secrets',
  describe: ({ tenantId }) => `Destroy all secrets below tenants/${tenantId}/ and read back that none is left.`,
  async run({ input, tools }) {
    await tools.secrets.destroy(secretRefs.tenantDb(input.tenantId));
    await tools.secrets.destroy(secretRefs.tenantLogins(input.tenantId));
    const left = await tools.secrets.list(`tenants/${input.tenantId}/`);
    refuseLeftovers(left.map((ref) => `the secret ${ref}`));
    return done;
  },
});

export const markRemoved = forwardStep<RemoveTenant, Pick<Tools, 'placements' | 'tenants'>>()({
  name: 'mark-removed',
  describe: () => 'Record that the tenant is removed.',
  async run({ input, tools }) {
    await tools.placements.retireAll(input.tenantId);
    await tools.tenants.transition(input.tenantId, { from: ['removing'], to: 'removed', reason: input.reason });
    return done;
  },
});
