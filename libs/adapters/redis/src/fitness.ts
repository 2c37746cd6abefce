import type { QuietRedis } from './quiet-redis.js';
import { needs, oldestVersion, rulesFor } from './needs.js';

/** What a server lacks, and what to type. */
export interface Fault {
  readonly sentence: string;
  readonly hint: string;
}

export interface Asker {
  readonly prefix: string;
  readonly user: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Everything that is wrong with a server at once, so that nobody mends one thing to hear of the next. The connection must be
 * nobody else's: what others sent meanwhile would be dropped with our transaction.
 */
export async function faultsOf(connection: QuietRedis, asker: Asker): Promise<readonly Fault[]> {
  const forbidden = await forbiddenCommands(connection, asker.prefix);
  const rights = forbidden.length === 0 ? [] : [lacksRights(forbidden, asker)];
  if (forbidden.includes('multi') || forbidden.includes('info')) return rights;
  const facts = factsOf(await connection.info());
  return [...rights, ...versionFaults(facts), ...evictionFaults(facts, asker), ...clusterFaults(facts)];
}

/** None of the commands is run: a transaction takes them, and is dropped. Without one they would be, so it begins first. */
async function forbiddenCommands(connection: QuietRedis, prefix: string): Promise<readonly string[]> {
  const isForbidden = (answer?: PromiseSettledResult<unknown>): boolean =>
    answer?.status === 'rejected' && answer.reason instanceof Error && answer.reason.message.startsWith('NOPERM');
  const [begun] = await Promise.allSettled([connection.call('multi')]);
  if (isForbidden(begun)) return ['multi'];
  if (begun.status === 'rejected') throw begun.reason;
  const questions = needs(prefix);
  const answers = await Promise.allSettled(questions.map(([name, ...args]) => connection.call(name, ...args)));
  await connection.call('discard');
  // Whatever else an answer is about, as that it knows no such command, its version tells, too.
  return questions.flatMap(([name], index) => (isForbidden(answers[index]) ? [name] : []));
}

function lacksRights(forbidden: readonly string[], { prefix, user, host, port }: Asker): Fault {
  const shown = forbidden.slice(0, 5).join(', ');
  const more = forbidden.length > 5 ? ` and ${String(forbidden.length - 5)} more` : '';
  return {
    sentence: `The user ${user} of this Redis may not run ${shown}${more} on keys that begin with ${prefix}:, which the queue needs.`,
    hint: `As its administrator type: ${cli(host, port)} ACL SETUSER ${user} '${rulesFor(prefix).replaceAll(' ', "' '")}'`,
  };
}

type Facts = ReadonlyMap<string, string>;

/** INFO answers in lines `name:value`. */
function factsOf(info: string): Facts {
  return new Map(
    info.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const];
    }),
  );
}

function versionFaults(facts: Facts): readonly Fault[] {
  const version = facts.get('redis_version') ?? 'unknown';
  if (isAtLeast(version, oldestVersion)) return [];
  return [
    {
      sentence: `This Redis is of version ${version}; the queue needs ${oldestVersion} or newer.`,
      hint: `Install Redis ${oldestVersion} or newer, or leave BERTH_REDIS_URL away: the queue then lies in the catalog's PostgreSQL.`,
    },
  ];
}

function isAtLeast(version: string, oldest: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** Read from INFO, not by CONFIG GET: who rents a Redis may seldom run that, and is told the policy all the same. */
function evictionFaults(facts: Facts, { host, port }: Asker): readonly Fault[] {
  const policy = facts.get('maxmemory_policy');
  if (policy === 'noeviction') return [];
  const mend =
    `Type: ${cli(host, port)} CONFIG SET maxmemory-policy noeviction, and set it in redis.conf, too. ` +
    'A managed Redis has it among its parameters.';
  if (policy === undefined) {
    return [{ sentence: 'This Redis does not tell its eviction policy, so jobs may not be safe there.', hint: mend }];
  }
  return [
    {
      sentence: `The eviction policy of this Redis is ${policy}: when memory runs short it would drop jobs without a word, where noeviction refuses new ones and says so.`,
      hint: mend,
    },
  ];
}

function clusterFaults(facts: Facts): readonly Fault[] {
  if (facts.get('cluster_enabled') !== '1') return [];
  return [
    {
      sentence:
        'This Redis is a node of a Redis Cluster, which the queue cannot use: its keys belong together on one server.',
      hint: 'Name a single Redis, with a replica if it has to be highly available. The queue is small and may be lost.',
    },
  ];
}

function cli(host: string, port: number): string {
  return `redis-cli -h ${host} -p ${String(port)}`;
}
