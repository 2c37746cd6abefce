import {
  BerthError,
  type Cluster,
  type Finding,
  hasEnded,
  type Move,
  type Operation,
  type StreamDirection,
} from '@berth/domain';
import { mostAgeMs } from '../move-tenant/compare-ends.js';
import { streamsOfMove } from '../move-tenant/course.js';
import type { MoveOnline } from '../move-tenant/move-online.input.js';
import type { MoveTenant } from '../move-tenant/move-tenant.input.js';
import { refuseBacklog } from '../move-tenant/stream-backlog.js';
import { anyTime, refuseLate } from '../move-tenant/switch-window.js';
import { accessTo } from '../routing/poolers.js';
import type { MoveWord } from '../request.js';
import { asked } from './asked.js';
import type { PlanningPorts } from './draft.js';
import { lossesAt } from './live-checks.js';

/** A move with the operation that runs it up to the switch. */
export interface Moved {
  readonly move: Move;
  readonly operation: Operation;
}

/** What it was planned with. The streams' part is there in an online move alone. */
export type MoveInput = MoveTenant & Partial<Pick<MoveOnline, 'streamLimits'>>;

interface Asked extends Moved {
  readonly input: MoveInput;
  readonly word: MoveWord;
}
type Check = (ports: PlanningPorts, asked: Asked) => Promise<readonly Finding[]> | readonly Finding[];

const stateOfMove: Check = (_ports, { move, operation, word }) => {
  const object = `move ${move.id}`;
  if (operation.state === 'needs-operator') {
    const remedy = `When that is put right: berth operations retry ${operation.id}`;
    const message = `It needs an operator: ${operation.reason ?? 'nobody noted why'}`;
    return [{ code: 'needs-operator', severity: 'warning', object, message, remedy }];
  }
  if (word !== 'cancel' && (operation.cancelRequestedAt !== null || operation.state === 'undoing')) {
    const remedy = `Watch it: berth operations watch ${operation.id}`;
    const message = 'It is being taken back, and will not switch.';
    return [{ code: 'cancel-requested', severity: 'error', object, message, remedy }];
  }
  if (operation.error !== null && !hasEnded(operation.state)) {
    const { code, message, hint } = operation.error;
    return [{ code, severity: 'warning', object, message: `It waits to try again after: ${message}`, remedy: hint }];
  }
  const pressed = word === 'switch' && move.switchRequestedAt !== null;
  const message = `It is ${move.state}${pressed ? '; the switch was asked for already' : ''}.${reached[word](move.state)}`;
  return [{ code: 'move-state', severity: 'info', object, message, remedy: null }];
};

/** What comes of the word in this state. */
const reached: Readonly<Record<MoveWord, (state: string) => string>> = {
  verify: () => ' Every row is compared while the tenant works on; rows that differ undo the move.',
  switch: (state) => (state === 'ready' ? '' : ' It switches as soon as it is ready.'),
  cancel: () => ' The tenant stays where it is, and works on.',
};

const windowOfSwitch: Check = (ports, { input, word }) => {
  if (word === 'cancel') return [];
  const { notBefore, deadline } = input.window ?? anyTime;
  const object = 'window of the switch';
  try {
    refuseLate(input);
  } catch (thrown) {
    return [errorOf(thrown, object)];
  }
  const early = notBefore !== null && ports.now().getTime() < Date.parse(notBefore);
  const message = [
    early ? `It switches at ${notBefore} at the earliest` : 'It may switch now',
    ...(deadline === null ? [] : [`and is undone if it has not begun to by ${deadline}`]),
  ].join(', ');
  return [{ code: 'switch-window', severity: 'info', object, message: `${message}.`, remedy: null }];
};

/** The last one, and whether the switch goes by it. */
const verification: Check = (ports, { move: { strategy, comparison }, word }) => {
  if (word === 'cancel' || strategy === 'dump') return [];
  const object = 'comparison of both ends';
  const none = { code: 'verification-missing', severity: 'info', object, remedy: null } as const;
  if (comparison === null) return [{ ...none, message: 'None yet: it is made before the move is ready.' }];
  const { rows, ms, comparedAt, equal } = comparison;
  const ageMs = ports.now().getTime() - Date.parse(comparedAt) + ms;
  const found = `${String(rows)} rows were found ${equal ? 'equal' : 'NOT equal'} ${minutes(ageMs)} ago`;
  const old = ageMs > mostAgeMs + ms;
  if (word === 'verify' || !old)
    return [{ ...none, code: 'verification-age', message: `${found}${old ? '' : '; a switch goes by that'}.` }];
  const message = `${found}: that is old, so the switch compares every row anew before it begins.`;
  const remedy = 'To have that done before: berth moves verify';
  return [{ code: 'verification-stale', severity: 'warning', object, message, remedy }];
};

/** Streams stand once the way back was made, and every word but cancel needs both. */
const streamsOfWord: Check = async (ports, { operation, input, word }) => {
  const { streamLimits } = input;
  const made = operation.steps.some(({ name, state }) => name === 'start-way-back' && state === 'done');
  if (word === 'cancel' || streamLimits === undefined || !made) return [];
  const found = await asked(input.source.place.clusterId, async () => [
    ...(await backlog(ports, { ...input, streamLimits })),
    ...(await follower(ports, input, 'forward')),
    ...(word === 'switch' ? await follower(ports, input, 'reverse') : []),
  ]);
  return found.filter(({ code }, index) => found.findIndex((one) => one.code === code) === index);
};

async function backlog(ports: PlanningPorts, input: BacklogInput): Promise<readonly Finding[]> {
  const { forward } = streamsOfMove(input);
  const object = `stream ${forward.name}`;
  try {
    const { retainedBytes, lagBytes } = await refuseBacklog({ input, tools: ports });
    if (retainedBytes === null) return [];
    const most = input.streamLimits.maxRetainedBytes;
    const message = `Cluster ${forward.to.clusterId} is ${megabytes(lagBytes ?? 0)} behind; cluster ${forward.from.clusterId} keeps ${megabytes(retainedBytes)} of its log for it, of ${megabytes(most)} that it may.`;
    return [{ code: 'stream-backlog', severity: 'info', object, message, remedy: null }];
  } catch (thrown) {
    return [errorOf(thrown, object)];
  }
}

type BacklogInput = Parameters<typeof refuseBacklog>[0]['input'];

async function follower(
  ports: PlanningPorts,
  input: MoveInput,
  direction: StreamDirection,
): Promise<readonly Finding[]> {
  const stream = streamsOfMove(input)[direction];
  const { slot, subscription, applyErrors } = await ports.replication.state(stream);
  const finding = { severity: 'error', object: `stream ${stream.name}` } as const;
  if (slot === 'missing' || slot === 'lost' || subscription === 'missing') {
    const end = subscription === 'missing' ? 'subscription is missing' : `slot is ${slot}`;
    const message = `The stream from cluster ${stream.from.clusterId} to ${stream.to.clusterId} cannot go on: its ${end}.`;
    return [{ ...finding, code: 'stream-lost', message, remedy: 'Cancel the move and start it again.' }];
  }
  if (subscription === 'enabled') return [];
  const message = `The stream to cluster ${stream.to.clusterId} is disabled, after ${String(applyErrors)} changes that could not be applied.`;
  const remedy = `The log of that server says why. Then, on it: ALTER SUBSCRIPTION ${stream.name} ENABLE`;
  return [{ ...finding, code: 'stream-stalled', message, remedy }];
}

/** What a move by dump does next: a copy that would lose something is found by the start, and may have come since. */
const losses: Check = (ports, { move, input, word }) =>
  word === 'switch' && move.strategy === 'dump' && move.switchedAt === null ? lossesAt(ports, input.source.place) : [];

/** Whatever is done next is done at both ends; the target may be still to be made. */
const bothEnds: Check = async (ports, { operation }) => {
  const ends = await Promise.all(operation.clusterIds.map((id) => ports.clusters.get(id)));
  const known = ends.filter((cluster) => cluster !== null);
  return (await Promise.all(known.map((cluster) => answers(ports, cluster)))).flat();
};

async function answers(ports: PlanningPorts, { id }: Cluster): Promise<readonly Finding[]> {
  return await asked(id, async () => {
    await ports.probe.load(id);
    return [
      { code: 'cluster-answers', severity: 'info', object: `cluster ${id}`, message: 'It answers.', remedy: null },
    ];
  });
}

/** Clients of the alias are held at each of them for the switch: one that does not answer keeps an online move waiting. */
const poolers: Check = async (ports, { input, word }) => {
  if (word === 'verify' || !input.routed) return [];
  const [known, ends] = [await ports.poolers.list(), [input.source.place.clusterId, input.target.place.clusterId]];
  const clusters = (await Promise.all(ends.map((id) => ports.clusters.get(id)))).filter((one) => one !== null);
  const all = known.map(async (pooler): Promise<readonly Finding[]> => {
    const object = `pooler ${pooler.id}`;
    try {
      const found = await ports.router.check(await accessTo(ports, pooler), clusters);
      const wrong = found
        .filter(({ severity }) => severity !== 'info')
        .map((one) => ({ ...one, severity: 'warning' as const }));
      return wrong.length > 0
        ? wrong
        : [{ code: 'pooler-answers', severity: 'info', object, message: 'It answers.', remedy: null }];
    } catch (thrown) {
      return [{ ...errorOf(thrown, object), severity: 'warning' }];
    }
  });
  return (await Promise.all(all)).flat();
};

/** Those that report themselves open their connections at the new place before an online switch. */
const clients: Check = async (ports, { move, input, word }) => {
  if (word !== 'switch' || move.strategy === 'dump') return [];
  const live = await ports.clients.live(input.tenantId);
  const message = `${String(live.length)} report themselves, and are told of the new place before the switch.`;
  return [{ code: 'clients-told', severity: 'info', object: 'clients', message, remedy: null }];
};

const checks: readonly Check[] = [
  ...[stateOfMove, windowOfSwitch, verification, streamsOfWord, losses, bothEnds, poolers, clients],
];

/**
 * Everything that the move will look at or meet, found without changing anything. Nothing here reads as the tenant's owner: that
 * would end a membership that a worker needs at this moment.
 */
export async function wordChecks(ports: PlanningPorts, asked: Asked): Promise<readonly Finding[]> {
  return (await Promise.all(checks.map(async (check) => check(ports, asked)))).flat();
}

function errorOf(thrown: unknown, object: string): Finding {
  if (!(thrown instanceof BerthError)) throw thrown;
  const { code, message, hint } = thrown;
  return { code, severity: 'error', object, message, remedy: hint ?? null };
}

const megabytes = (bytes: number): string => `${String(Math.round(bytes / 2 ** 20))} MB`;

const minutes = (ms: number): string => (ms < 60_000 ? 'less than a minute' : `${String(Math.round(ms / 60_000))} min`);
