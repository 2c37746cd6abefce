import type { Place, ReadBack, ReadBackLook, ReplicationStream } from '@berth/domain';
import type { Tools } from '../tools.js';
import { refuseLeftovers } from './refuse-leftovers.js';

export type ReadBackTools = Pick<Tools, 'database' | 'fence' | 'gate' | 'infrastructure' | 'replication'>;

/** What is no more, or in nobody's way any more, once work on a move is over. */
export interface ShouldBeGone {
  readonly streams: readonly ReplicationStream[];
  /** A place that was given up, with its schema and roles. */
  readonly place: Place | null;
  /** That place had an instance of its own, which went with it: nobody is left there to ask. */
  readonly ownInstance: boolean;
  /** Where the tenant works: no fence and no gate are left there. */
  readonly home: Place | null;
}

interface Look extends ReadBackLook {
  readonly left: () => Promise<readonly string[]>;
}

/** Asks each server itself, and who keeps the instances. @throws `leftovers-found` that names all that is left, of all looks */
export async function readBack(tools: ReadBackTools, gone: ShouldBeGone): Promise<ReadBack> {
  const looks = looksOf(tools, gone);
  refuseLeftovers((await Promise.all(looks.map(({ left }) => left()))).flat());
  return {
    at: new Date().toISOString(),
    gone: looks.map(({ what, name, clusterId }) => ({ what, name, clusterId })),
  };
}

function looksOf(tools: ReadBackTools, { streams, place, ownInstance, home }: ShouldBeGone): readonly Look[] {
  const destroyed = ownInstance ? place?.clusterId : undefined;
  return [
    ...streams.flatMap((stream) => streamLooks(tools, stream)).filter(({ clusterId }) => clusterId !== destroyed),
    ...(place === null ? [] : ownInstance ? [instanceLook(tools, place)] : placeLooks(tools, place)),
    ...(home === null ? [] : barLooks(tools, home)),
  ];
}

function streamLooks({ replication }: ReadBackTools, stream: ReplicationStream): readonly Look[] {
  return (['from', 'to'] as const).map((end) => ({
    what: 'stream',
    name: stream.name,
    clusterId: stream[end].clusterId,
    left: () => replication.leftovers(stream, end),
  }));
}

function instanceLook({ infrastructure }: ReadBackTools, { clusterId }: Place): Look {
  const left = async (): Promise<readonly string[]> => {
    const { state } = await infrastructure.inspect(clusterId);
    return state === 'absent' ? [] : [`The instance ${clusterId} is ${state}.`];
  };
  return { what: 'instance', name: clusterId, clusterId, left };
}

function placeLooks(tools: ReadBackTools, place: Place): readonly Look[] {
  const { schema: name, clusterId } = place;
  const left = async (): Promise<readonly string[]> =>
    (await tools.database.leftovers(place)).map((sentence) => `On cluster ${clusterId}: ${sentence}`);
  return [{ what: 'place', name, clusterId, left }, ...barLooks(tools, place)];
}

/** What keeps writers out. */
function barLooks({ fence, gate }: ReadBackTools, place: Place): readonly Look[] {
  const { schema: name, clusterId } = place;
  return [
    { what: 'fence', name, clusterId, left: () => fence.leftovers(place) },
    { what: 'gate', name, clusterId, left: () => gate.leftovers(place) },
  ];
}
