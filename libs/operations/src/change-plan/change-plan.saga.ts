import type { TenantLimits } from '@berth/domain';
import { done, saga, step } from '@berth/saga';
import { isRouted, routeTenant, type Routed } from '../routing/route-tenant.steps.js';
import { verifyTenant, type HasWanted } from '../steps/verify-tenant.step.js';
import { actorOf, wantedAt, type Tools } from '../tools.js';

/** A change within one tier; where the tier changes, the change is a move. */
export interface ChangePlan extends HasWanted, Routed {
  readonly plan: string;
  readonly planBefore: string;
  readonly limitsBefore: TenantLimits;
}

const setLimits = step<ChangePlan, Pick<Tools, 'database' | 'secrets'>>()({
  name: 'set-limits',
  describe: ({ limits, plan }) =>
    `Set the limits of plan ${plan} (${String(limits.connectionLimit)} connections) on the logins.`,
  async run(context) {
    const { input, tools } = context;
    await tools.database.converge(await wantedAt(tools, input.place, input.limits, input.logins), actorOf(context));
    return done;
  },
  async undo(context) {
    const { input, tools } = context;
    await tools.database.converge(
      await wantedAt(tools, input.place, input.limitsBefore, input.logins),
      actorOf(context),
    );
    return done;
  },
});

const recordPlan = step<ChangePlan, Pick<Tools, 'tenants'>>()({
  name: 'record-plan',
  describe: ({ plan }) => `Record plan ${plan} in the catalog.`,
  async run({ input, tools }) {
    await tools.tenants.update(input.tenantId, { plan: input.plan });
    return done;
  },
  async undo({ input, tools }) {
    await tools.tenants.update(input.tenantId, { plan: input.planBefore });
    return done;
  },
});

const resizeRoute = routeTenant<ChangePlan>(
  (input) => (input.logins === 'open' ? input : null),
  (input) => (input.logins === 'open' ? { place: input.place, limits: input.limitsBefore } : null),
);

export const changePlan = saga<ChangePlan>('change-plan', 1)
  .step(setLimits)
  .step(verifyTenant)
  .stepWhen(isRouted, resizeRoute)
  .step(recordPlan);
