import { done, saga, step } from '@berth/saga';
import { isRouted, routeTenant, type Routed } from '../routing/route-tenant.steps.js';
import { publishSecret } from '../steps/publish-secret.js';
import { verifyTenant, type HasWanted } from '../steps/verify-tenant.step.js';
import { actorOf, wantedAt, type Tools } from '../tools.js';

export interface RepairTenant extends HasWanted, Routed {
  readonly generation: number;
}

const nothingToUndo = 'it only brings things to what they should be';

const convergeTenant = step<RepairTenant, Pick<Tools, 'database' | 'secrets'>>()({
  name: 'converge-tenant',
  describe: ({ place }) =>
    `Bring roles, schema, grants, limits and logins on ${place.clusterId} to what they should be.`,
  async run(context) {
    const { input, tools } = context;
    const wanted = await wantedAt(tools, input.place, input.limits, input.logins);
    return { done: { changes: await tools.database.converge(wanted, actorOf(context)) } };
  },
  nothingToUndo,
});

/** A secret that is there is left alone: it may have been rotated since. */
const restoreSecret = step<RepairTenant, Pick<Tools, 'directory' | 'secrets'>>()({
  name: 'restore-secret',
  describe: () => 'Write the connection secret again if it is missing or names another place.',
  async run({ input, operationId, tools }) {
    await publishSecret(tools, { place: input.place, generation: input.generation, operationId, onlyIfOutdated: true });
    return done;
  },
  nothingToUndo,
});

/** As it should be, on the way back too: a repair leaves nothing worse than it was. */
const shouldLead = (input: RepairTenant) => (input.logins === 'open' ? input : null);

export const repairTenant = saga<RepairTenant>('repair-tenant', 1)
  .step(convergeTenant)
  .step(restoreSecret)
  .stepWhen(isRouted, routeTenant<RepairTenant>(shouldLead, shouldLead))
  .step(verifyTenant);
