export type Side = 'source' | 'target';

export const otherSide = { source: 'target', target: 'source' } as const;

/**
 * A committed change, in a word: `row w1`, `table w3`, `mark 2` (the marker of the stream), `took 4` (nextval), `set 4` (setval),
 * `revoke`/`grant` (the right to make tables), `fence`, `flag` (a fence that is read), `moved`, `open` (the gate). `< row w1` came by the stream.
 */
export type Change = string;

/** What a server knows is the changes that it has committed, in their order; a crash takes away those that are not on its disk. */
export interface Server {
  readonly up: boolean;
  readonly log: readonly Change[];
  /** How many of the log's changes are on the disk. */
  readonly flushed: number;
}

/** The transaction that locks the tenant's tables at the source, and decides. There from the moment that it has the lock. */
export interface T1 {
  /** What it has changed, and nobody sees before it commits. */
  readonly changes: readonly Change[];
  /** COMMIT is on its way. */
  readonly committing: boolean;
  /** Its worker is gone, and the server has not noticed. */
  readonly orphan: boolean;
}

export type Kind =
  /** READ COMMITTED, waits for the disk. */
  | 'plain'
  /** `synchronous_commit = off`: its own server may lose what it acknowledged, until it is on the disk. */
  | 'async'
  /** REPEATABLE READ: what it sees is as old as its beginning. */
  | 'snapshot'
  /** Its row carries a number of a sequence. */
  | 'numbered'
  /** Takes a number of a sequence in a statement of its own, and writes nothing. */
  | 'taker'
  /** Makes a table, and a row in it. */
  | 'maker';

export interface Writer {
  readonly name: string;
  readonly kind: Kind;
  /** `lost`: its server crashed, and it had not asked it to wait for the disk. */
  readonly is: 'idle' | 'begun' | 'wrote' | 'acknowledged' | 'lost';
  readonly at: Side | null;
  /** Whether its snapshot shows that the fence is up (source) or the gate open (target). */
  readonly sees: boolean;
  readonly number: number;
}

export interface Worker {
  /** A place in the plan, or one of the places beside it. `ending`: a try is over, and nobody has said that it was decided. */
  readonly at: number | 'ending' | 'looking' | 'dead' | 'done' | 'gave up';
  /** What of that place's steps, which run at once, is done. */
  readonly did: readonly string[];
  /** Where the source's sequence stood. */
  readonly read: number | null;
  /** Servers to which its connections broke since it began this try; `T1`: the one that T1 is on, and no other. */
  readonly cutOff: readonly (Side | 'T1')[];
  readonly triesLeft: number;
}

/** Streams that take turns: what came by one the other sends on, so that at most one of them carries. */
export interface Turns {
  readonly forward: StreamIs;
  readonly back: StreamIs;
}

/** `rests`: it brings its marker alone, and passes by everything else. */
export type StreamIs = 'carries' | 'rests' | 'stopped';

export interface World {
  readonly source: Server;
  readonly target: Server;
  readonly t1: T1 | null;
  readonly worker: Worker;
  readonly writers: readonly Writer[];
  /** A setval of a worker that is gone, which may still arrive at the target. */
  readonly late: number | null;
  readonly loginsAt: Readonly<Record<Side, boolean>>;
  /** What the tenant's secret says, and the catalog. */
  readonly secret: Side;
  readonly placement: Side;
  /** From where in the target's log on the way back carries changes; null: there is none. */
  readonly wayBackFrom: number | null;
  /** Null: the servers tell apart what came by a stream. */
  readonly turns: Turns | null;
  /** What may still break, by its name. */
  readonly mayBreak: Readonly<Record<'worker' | Side, number>>;
}

/**
 * Equal for worlds from which the same can happen, and only for those. Of what is on a disk the order no longer counts, but for
 * what a stream has yet to send.
 */
export function keyOf(world: World): string {
  const { t1, worker, late, loginsAt, mayBreak, wayBackFrom } = world;
  const servers = `${keyOfServer(world.source, wayBackFrom)};${keyOfServer(world.target, wayBackFrom)}`;
  const transaction = t1 === null ? '' : `${t1.changes.join()} ${t1.committing} ${t1.orphan}`;
  // Nobody is left to be killed.
  const kills = worker.at === 'done' || worker.at === 'gave up' ? 0 : mayBreak.worker;
  const { at, did, read, cutOff, triesLeft } = worker;
  let key = `${servers};${transaction};${at} ${did.join()} ${read} ${cutOff.join()} ${triesLeft};${late}`;
  key += `;${loginsAt.source} ${loginsAt.target} ${world.secret} ${world.placement} ${wayBackFrom}`;
  if (world.turns !== null) key += ` ${world.turns.forward} ${world.turns.back}`;
  for (const writer of world.writers) key += `;${writer.is} ${writer.at} ${writer.sees} ${writer.number}`;
  return `${key};${kills} ${mayBreak.source} ${mayBreak.target}`;
}

/** Most of what happens leaves a server as it was. */
const keysOfServers = new WeakMap<Server, number>();
const numbersOfKeys = new Map<string, number>();

function keyOfServer(server: Server, wayBackFrom: number | null): number {
  const { up, log, flushed } = server;
  // The way back counts from a place in the log.
  if (wayBackFrom !== null) return numberOf(`${up} ${log.join()} ${flushed}`);
  const known = keysOfServers.get(server);
  if (known !== undefined) return known;
  const onDisk = { ...server, log: log.slice(0, flushed) };
  const facts = onDisk.log.filter((change) => !/^(took|set|grant|revoke)/.test(change));
  const [sent, others] = [facts.filter(isSent), facts.filter((change) => !isSent(change)).sort()];
  const position = `${lastNumber(onDisk)} ${mayMakeTables(onDisk)}`;
  const key = numberOf(`${up} ${sent.join()} ${others.join()} ${position} ${log.slice(flushed).join()}`);
  keysOfServers.set(server, key);
  return key;
}

function numberOf(key: string): number {
  const number = numbersOfKeys.get(key) ?? numbersOfKeys.size;
  numbersOfKeys.set(key, number);
  return number;
}

/** What a stream that filters nothing sends: rows, wherever they came from. */
export const isSentOn = (change: Change): boolean => isSent(change) || change.startsWith('< row ');

/** Rows and markers of its own: what came by a stream is not sent on (`origin = none`), numbers of sequences are never sent. */
export const isSent = (change: Change): boolean => change.startsWith('row ') || change.startsWith('mark ');

export function commit(
  world: World,
  side: Side,
  changes: readonly Change[],
  options: { readonly flush: boolean } = { flush: true },
): World {
  const server = world[side];
  const log = [...server.log, ...changes];
  // The log goes to the disk in order: whoever waits for it takes with it all that lies before.
  return { ...world, [side]: { ...server, log, flushed: options.flush ? log.length : server.flushed } };
}

export const has = ({ log }: Server, change: Change): boolean => log.includes(change);

export const mayMakeTables = ({ log }: Server): boolean => log.lastIndexOf('grant') >= log.lastIndexOf('revoke');

/** The last number that the sequence has given out. */
export function lastNumber({ log }: Server): number {
  const last = log.findLast((change) => change.startsWith('took ') || change.startsWith('set '));
  return last === undefined ? 0 : Number(last.slice(last.indexOf(' ') + 1));
}

export const lastMark = ({ log }: Server): number => log.filter((change) => change.startsWith('mark ')).length;

/** It holds connections that were opened before, or it is past the pivot. */
export const isTrying = ({ at }: Worker): boolean => typeof at === 'number' || at === 'ending';

/** Somebody holds a lock on the tenant's tables that the switch's lock has to wait for. */
export const somebodyWrites = ({ writers }: World): boolean =>
  writers.some(({ is, at, kind }) => is === 'wrote' && at === 'source' && kind !== 'maker');

export const somebodyMakesATable = ({ writers }: World): boolean =>
  writers.some(({ is, at, kind }) => is === 'wrote' && at === 'source' && kind === 'maker');

export function changeWriter(world: World, name: string, change: Partial<Writer>): World {
  return {
    ...world,
    writers: world.writers.map((writer) => (writer.name === name ? { ...writer, ...change } : writer)),
  };
}

/** Ends the sessions at a side: what was open there is rolled back, and is tried again. */
export function endSessions(world: World, side: Side): World {
  const ended = { is: 'idle', at: null, sees: false, number: 0 } as const;
  const open = ({ is, at }: Writer): boolean => at === side && (is === 'begun' || is === 'wrote');
  return { ...world, writers: world.writers.map((writer) => (open(writer) ? { ...writer, ...ended } : writer)) };
}
