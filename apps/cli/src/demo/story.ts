import type { MoveStrategy, TenantSecret } from '@berth/domain';
import { answer, type ApiClient, type Move, type Schemas } from '../api/client.js';
import type { Home } from '../system/home.js';
import type { Tell } from '../system/progress.js';
import { count, duration } from '../terminal/duration.js';
import { type Acted, moveByDump, moveThereAndBack, writesToSee } from './acts.js';
import { Story } from './chapters.js';
import type { Checks } from './checks.js';
import { countLedger, countTables, type LedgerCount } from './counting.js';
import { ledgerTable, LedgerWriter, type WriterReport } from './ledger-writer.js';
import type { Refusal } from './old-place.js';
import { provision } from './run-operation.js';
import { sampleData } from './sample-data.js';
import { TenantAccess, withConnection } from './tenant-access.js';

/** The first that Berth can make streams on; an older one is out of support. */
const firstOnlineMajor = 15;

export interface Cast {
  /** Gets the data, and is moved. */
  readonly hero: string;
  readonly others: readonly string[];
}

export interface StoryResult {
  readonly checks: Checks;
  readonly times: Readonly<Record<string, number>>;
  readonly strategy: MoveStrategy;
  readonly data: string;
  readonly rowsLoaded: number;
  readonly rowsCompared: number;
  readonly writer: WriterReport;
  readonly ledger: LedgerCount;
  readonly refusals: readonly Refusal[];
  readonly move: Move;
  readonly tenants: readonly Schemas['TenantDetail'][];
}

/** Names that no former demo took: what somebody tried on its tenants stays. */
export async function chooseCast(client: ApiClient): Promise<Cast> {
  const numbers: number[] = [0];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query = { prefix: 'demo-', limit: 200, ...(cursor === undefined ? {} : { cursor }) };
    const page = await answer(client.GET('/v1/tenants', { params: { query } }));
    numbers.push(...page.items.map(({ id }) => Number(/^demo-[a-z]+-(\d+)$/.exec(id)?.[1] ?? 0)));
    cursor = page.next;
  }
  const number = String(Math.max(...numbers) + 1);
  return { hero: `demo-music-${number}`, others: [`demo-bakery-${number}`, `demo-clinic-${number}`] };
}

/** Online from the first PostgreSQL on that can; an older one moves tenants by dump, and the screen says so. */
export async function strategyHere(
  client: ApiClient,
): Promise<{ readonly strategy: MoveStrategy; readonly major: number }> {
  const { items } = await answer(client.GET('/v1/clusters'));
  const majors = items.flatMap(({ tier, postgresMajor }) => (tier === 'shared' ? (postgresMajor ?? 0) : []));
  const major = Math.max(0, ...majors);
  return { strategy: major >= firstOnlineMajor ? 'online' : 'dump', major };
}

/** The life of three tenants, told through the API as a user would live it. */
export async function tellStory(
  home: Home,
  client: ApiClient,
  { cast, strategy }: { readonly cast: Cast; readonly strategy: MoveStrategy },
  tell: Tell,
): Promise<StoryResult> {
  const { hero, others } = cast;
  const story = new Story(tell);
  const access = await TenantAccess.open(home);
  await story.chapter('three tenants provisioned', 'provisionMs', (going) =>
    Promise.all([
      provision(client, hero, 'starter', going),
      ...others.map((id, index) => provision(client, id, index === 0 ? 'free' : 'pro', going)),
    ]),
  );
  const before = await access.secretOf(hero);
  const data = await sampleData();
  const rowsLoaded = await story.chapter(
    `${data.name} loaded into ${hero}`,
    'loadMs',
    () => load(before, data.scripts),
    (rows) => `${count(rows)} rows by the tenant's own login`,
  );
  const writer = new LedgerWriter(access, hero);
  try {
    await story.chapter(
      'a writer works on it',
      'warmUpMs',
      () => writer.awaitMore(writesToSee),
      () => `${count(writer.report.acknowledged)} writes acknowledged`,
    );
    const stage = { story, client, access, hero, before, writer };
    const acted = await (strategy === 'online' ? moveThereAndBack(stage) : moveByDump(stage));
    await writer.stop();
    const after = await access.secretOf(hero);
    const ledger = await withConnection(after, (connection) => countLedger(connection, writer.acknowledged));
    const tenants = await Promise.all(
      [hero, ...others].map((tenantId) =>
        answer(client.GET('/v1/tenants/{tenantId}', { params: { path: { tenantId } } })),
      ),
    );
    const { move, refusals } = acted;
    return {
      checks: { ...checksOf({ ...acted, before, after, ledger, tenants, writer: writer.report }), ...acted.checks },
      times: { ...story.times, writePauseMs: move.writePauseMs ?? -1, writerPauseMs: writer.report.longestPauseMs },
      strategy,
      data: data.name,
      rowsLoaded,
      rowsCompared: move.comparison?.rows ?? 0,
      writer: writer.report,
      ledger,
      refusals,
      move,
      tenants,
    };
  } finally {
    await writer.stop().catch(() => undefined);
  }
}

async function load(secret: TenantSecret, scripts: readonly string[]): Promise<number> {
  return withConnection(secret, async (client) => {
    for (const script of [...scripts, ledgerTable]) await client.query(script);
    const tables = await countTables(client, secret.schema);
    return tables.reduce((sum, { rows }) => sum + rows, 0);
  });
}

interface Facts extends Acted {
  readonly before: TenantSecret;
  readonly after: TenantSecret;
  readonly ledger: LedgerCount;
  readonly tenants: readonly Schemas['TenantDetail'][];
  readonly writer: WriterReport;
}

function checksOf({ move, before, after, refusals, counted, ledger, tenants, writer }: Facts): Checks {
  const [hero, ...others] = tenants;
  const refusedTo = (by: Refusal['by']): boolean => refusals.some((one) => one.by === by && one.refused);
  return {
    threeTenantsReady: tenants.length === 3 && tenants.every(({ state }) => state === 'ready'),
    promoted:
      hero?.placement?.tier === 'dedicated' &&
      hero.placement.clusterId === move.toClusterId &&
      ['switched', 'completed'].includes(move.state),
    othersStayed: others.every(({ placement }) => placement?.tier === 'shared' && placement.generation === 1),
    secretPointsToNewPlace: after.port !== before.port && after.generation === move.toGeneration,
    everyRowCompared: move.comparison?.equal === true && move.comparison.rows > 0,
    ownCountAgrees: counted.rows > 0 && counted.differing.length === 0,
    writesGoOn: writer.atLastPlace >= writesToSee,
    readsGoOn: counted.rows > 0,
    noWriteLost: ledger.lost === 0,
    noWriteDoubled: ledger.doubled === 0,
    oldLoginRefused: refusedTo('login'),
    oldPlaceFenced: refusedTo('admin'),
  };
}

/** For the screen: `refused for 1.2 s`. */
export function pauseText(ms: number | null): string {
  return ms === null ? 'not measured' : duration(ms);
}
