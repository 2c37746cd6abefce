import type { TenantSecret } from '@berth/domain';
import { answer, type ApiClient, type Move, type Schemas } from '../api/client.js';
import type { Home } from '../system/home.js';
import { phase, type Tell } from '../system/progress.js';
import { count, duration } from '../terminal/duration.js';
import { countLedger, countTables, differing, type LedgerCount } from './counting.js';
import { ledgerTable, LedgerWriter, type WriterReport } from './ledger-writer.js';
import { countOldPlace, tryOldAdmin, tryOldLogin, type Refusal } from './old-place.js';
import { promote, provision } from './run-operation.js';
import { sampleData } from './sample-data.js';
import { TenantAccess, withConnection } from './tenant-access.js';

/** How many acknowledged writes before the move, and again at the new place, make the writer's word worth something. */
const writesToSee = 100;

export interface Cast {
  /** Gets the data, and is moved. */
  readonly hero: string;
  readonly others: readonly string[];
}

/** What the story proves, by name. */
const checkNames = [
  'threeTenantsReady',
  'promoted',
  'othersStayed',
  'secretPointsToNewPlace',
  'everyRowCompared',
  'ownCountAgrees',
  'writesGoOn',
  'readsGoOn',
  'noWriteLost',
  'noWriteDoubled',
  'oldLoginRefused',
  'oldPlaceFenced',
] as const;
export type Checks = Readonly<Record<(typeof checkNames)[number], boolean>>;

/** Of a story that broke off: what was not seen has not passed. */
export const nothingChecked = Object.fromEntries(checkNames.map((name) => [name, false])) as Checks;

export interface StoryResult {
  readonly checks: Checks;
  readonly times: Readonly<Record<string, number>>;
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

/** The life of three tenants, told through the API as a user would live it. */
export async function tellStory(home: Home, client: ApiClient, cast: Cast, tell: Tell): Promise<StoryResult> {
  const { hero, others } = cast;
  const story = new Story(home, client, tell);
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
    const operation = await story.chapter(
      `${hero} promoted to its own PostgreSQL server`,
      'moveMs',
      (going) => promote(client, hero, going),
      (done) => `${String(done.steps.length)} steps`,
    );
    const move = await answer(client.GET('/v1/moves/{moveId}', { params: { path: { moveId: operation.id } } }));
    await story.chapter('writes go on at the new place', 'writesAgainMs', () => writer.awaitMore(writesToSee));
    const after = await access.secretOf(hero);
    const refusals = await story.chapter(
      'the old place asked to write',
      'oldPlaceMs',
      () => askOldPlace(access, move, before),
      (all) => (all.every(({ refused }) => refused) ? 'refused' : 'ACCEPTED'),
    );
    await writer.stop();
    const counted = await story.chapter(
      'every row counted at both places',
      'countMs',
      () => countBoth(access, move, before, after, writer),
      ({ rows }) => `${count(rows)} rows`,
    );
    const tenants = await Promise.all(
      [hero, ...others].map((tenantId) =>
        answer(client.GET('/v1/tenants/{tenantId}', { params: { path: { tenantId } } })),
      ),
    );
    const facts = { move, before, after, refusals, counted, tenants, writer: writer.report };
    return {
      checks: checksOf(facts),
      times: { ...story.times, writePauseMs: move.writePauseMs ?? -1, writerPauseMs: writer.report.longestPauseMs },
      data: data.name,
      rowsLoaded,
      rowsCompared: move.comparison?.rows ?? 0,
      writer: writer.report,
      ledger: counted.ledger,
      refusals,
      move,
      tenants,
    };
  } finally {
    await writer.stop().catch(() => undefined);
  }
}

class Story {
  readonly times: Record<string, number> = {};

  constructor(
    readonly home: Home,
    readonly client: ApiClient,
    private readonly tell: Tell,
  ) {}

  async chapter<T>(
    name: string,
    time: string,
    work: (going: (text: string) => void) => Promise<T>,
    detail?: (result: T) => string,
  ): Promise<T> {
    const started = performance.now();
    const going = (text: string): void => {
      this.tell({ kind: 'phase', name, state: 'going', text });
    };
    const result = await phase(this.tell, name, () => work(going), detail);
    this.times[time] = Math.round(performance.now() - started);
    return result;
  }
}

async function load(secret: TenantSecret, scripts: readonly string[]): Promise<number> {
  return withConnection(secret, async (client) => {
    for (const script of [...scripts, ledgerTable]) await client.query(script);
    const tables = await countTables(client, secret.schema);
    return tables.reduce((sum, { rows }) => sum + rows, 0);
  });
}

async function askOldPlace(access: TenantAccess, move: Move, old: TenantSecret): Promise<readonly Refusal[]> {
  return [await tryOldLogin(old), await tryOldAdmin(access, move.fromClusterId, old)];
}

interface Counted {
  readonly rows: number;
  readonly differing: readonly string[];
  readonly ledger: LedgerCount;
}

async function countBoth(
  access: TenantAccess,
  move: Move,
  before: TenantSecret,
  after: TenantSecret,
  writer: LedgerWriter,
): Promise<Counted> {
  const old = await countOldPlace(access, move.fromClusterId, before);
  return withConnection(after, async (client) => {
    const now = await countTables(client, after.schema);
    return {
      rows: now.reduce((sum, { rows }) => sum + rows, 0),
      differing: differing(old, now, 'demo_ledger'),
      ledger: await countLedger(client, writer.acknowledged),
    };
  });
}

interface Facts {
  readonly move: Move;
  readonly before: TenantSecret;
  readonly after: TenantSecret;
  readonly refusals: readonly Refusal[];
  readonly counted: Counted;
  readonly tenants: readonly Schemas['TenantDetail'][];
  readonly writer: WriterReport;
}

function checksOf({ move, before, after, refusals, counted, tenants, writer }: Facts): Checks {
  const [hero, ...others] = tenants;
  const refusedTo = (by: Refusal['by']): boolean => refusals.some((one) => one.by === by && one.refused);
  return {
    threeTenantsReady: tenants.length === 3 && tenants.every(({ state }) => state === 'ready'),
    promoted:
      hero?.placement?.tier === 'dedicated' &&
      hero.placement.clusterId === move.toClusterId &&
      move.state === 'switched',
    othersStayed: others.every(({ placement }) => placement?.tier === 'shared' && placement.generation === 1),
    secretPointsToNewPlace: after.port !== before.port && after.generation === move.toGeneration,
    everyRowCompared: move.comparison?.equal === true && move.comparison.rows > 0,
    ownCountAgrees: counted.rows > 0 && counted.differing.length === 0,
    writesGoOn: writer.atLastPlace >= writesToSee,
    readsGoOn: counted.rows > 0,
    noWriteLost: counted.ledger.lost === 0,
    noWriteDoubled: counted.ledger.doubled === 0,
    oldLoginRefused: refusedTo('login'),
    oldPlaceFenced: refusedTo('admin'),
  };
}

/** For the screen: `refused for 1.2 s`. */
export function pauseText(ms: number | null): string {
  return ms === null ? 'not measured' : duration(ms);
}
