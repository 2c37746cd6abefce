import { decisiveStep, done } from '@berth/saga';
import { actorOf, type Tools } from '../tools.js';
import type { MoveTenant } from './move-tenant.input.js';
import { namingChanges } from './named-changes.js';

/** One local transaction on the source decides: before it the tenant lives there, after it nowhere but at the target. */
export const markMoved = decisiveStep<
  MoveTenant,
  Pick<Tools, 'comparison' | 'fence'>,
  { readonly fingerprint: string }
>()({
  name: 'mark-moved',
  describe: ({ source }) =>
    `Record on cluster ${source.place.clusterId} that the tenant has moved: from here on only forward.`,

  async run(context) {
    const { input, tools, given } = context;
    const moved = { generation: input.target.generation, fingerprint: given.fingerprint };
    await namingChanges(context, 'everything', () =>
      tools.fence.markMoved(input.source.place, moved, actorOf(context)),
    );
    return done;
  },

  async hasHappened(context) {
    const { input, operationId, tools } = context;
    return (await tools.fence.movedMarker(input.source.place, actorOf(context)))?.operationId === operationId;
  },
});
