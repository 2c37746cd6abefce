import { secretRefs } from '@berth/domain';
import { done, forwardStep, type ReportedError } from '@berth/saga';
import { publishSecret } from '../steps/publish-secret.js';
import { actorOf, type Tools } from '../tools.js';
import { courseOf } from './course.js';
import type { Switching } from './move-tenant.input.js';

/** Nobody goes on reading old data, or takes numbers from old sequences. The old place itself stays, fenced, until the move is completed. */
export const closeSource = forwardStep<Switching, Pick<Tools, 'database'>>()({
  name: 'close-source',
  describe: ({ source }) => `Close the tenant's logins on cluster ${source.place.clusterId} and end their sessions.`,
  async run(context) {
    await context.tools.database.setLogins(context.input.source.place, 'closed', actorOf(context));
    return done;
  },
});

/** Numbers that an application took while the fence stood must not be given out again. */
export const carrySequences = (targetIs: 'closed' | 'open') =>
  forwardStep<Switching, Pick<Tools, 'copy'>>()({
    name: 'carry-sequences',
    describe: () => 'Bring sequences at the target forward where an application took numbers from the fenced source.',
    async run(context) {
      const { source, target } = context.input;
      const carried = await context.tools.copy.carrySequences(source.place, target.place, actorOf(context), targetIs);
      return { done: { carriedSequences: carried.length } };
    },
  });

export const openTarget = forwardStep<Switching, Pick<Tools, 'database'>>()({
  name: 'open-target',
  describe: ({ target }) => `Open the tenant's logins on cluster ${target.place.clusterId}.`,
  async run(context) {
    await context.tools.database.setLogins(context.input.target.place, 'open', actorOf(context));
    return done;
  },
});

export const switchPlacement = forwardStep<Switching, Pick<Tools, 'placements'>>()({
  name: 'switch-placement',
  describe: ({ source, target }) =>
    `Make generation ${String(target.generation)} current instead of ${String(source.generation)}, by compare-and-set.`,
  async run({ input, tools }) {
    const { source, target } = input;
    await tools.placements.switchTo(input.tenantId, { from: source.generation, to: target.generation });
    return done;
  },
});

export const switchSecret = forwardStep<
  Switching,
  Pick<Tools, 'directory' | 'moves' | 'secrets'>,
  { readonly fencedAt: string; readonly secretVersionBefore: number }
>()({
  name: 'switch-secret',
  describe: ({ tenantId }) => `Write the new place to ${secretRefs.tenantDb(tenantId)} by check-and-set.`,
  async run({ input, operationId, tools, given, retriedAfter }) {
    const { place, generation } = input.target;
    const expectedVersion = seenVersion(retriedAfter) ?? given.secretVersionBefore;
    const published = await publishSecret(tools, { place, generation, operationId, expectedVersion });
    const switchedAt = new Date();
    const writePauseMs = switchedAt.getTime() - Date.parse(given.fencedAt);
    const { moveId, underWay, made } = courseOf(input, operationId);
    const change = { from: [underWay], to: made.state, [made.time]: switchedAt, writePauseMs };
    await tools.moves.transition(moveId, change);
    return { done: { ...published, writePauseMs } };
  },
});

/** Whoever has the step tried again after a conflict was told which version is there: that one may be replaced, no later one. */
function seenVersion(retriedAfter: ReportedError | null): number | null {
  const found = retriedAfter?.code === 'secret-conflict' ? retriedAfter.details['foundVersion'] : null;
  return typeof found === 'number' ? found : null;
}

export const recordPlanAfter = forwardStep<Switching, Pick<Tools, 'tenants'>>()({
  name: 'record-plan',
  describe: ({ planAfter }) => `Record plan ${planAfter ?? ''} in the catalog.`,
  async run({ input, tools }) {
    if (input.planAfter !== null) await tools.tenants.update(input.tenantId, { plan: input.planAfter });
    return done;
  },
});
