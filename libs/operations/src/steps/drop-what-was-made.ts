import type { Place } from '@berth/domain';
import { actorOf, type Tools } from '../tools.js';
import { refuseLeftovers } from './refuse-leftovers.js';

/**
 * The undo of making a place: drops what this operation made there, and nothing that was there before it. A place that it did not
 * make, it did not touch. @throws `leftovers-found`
 */
export async function dropWhatWasMade(
  context: Parameters<typeof actorOf>[0] & { readonly tools: Pick<Tools, 'database'> },
  place: Place,
): Promise<void> {
  const { database } = context.tools;
  if ((await database.madeBy(place)) !== context.operationId) return;
  await database.drop(place, actorOf(context));
  refuseLeftovers(await database.leftovers(place));
}
