import type { TenantSecret } from '@berth/domain';
import { answer, type ApiClient, type Move } from '../api/client.js';
import { count, duration } from '../terminal/duration.js';
import type { Story } from './chapters.js';
import type { Checks } from './checks.js';
import { countTables, differing } from './counting.js';
import type { LedgerWriter } from './ledger-writer.js';
import { besideWriter } from './live-pause.js';
import { countOldPlace, tryOldAdmin, tryOldLogin, type Refusal } from './old-place.js';
import { complete, promote, reverse } from './run-operation.js';
import { type TenantAccess, withConnection } from './tenant-access.js';

/** How many acknowledged writes before a move, and again at the new place, make the writer's word worth something. */
export const writesToSee = 100;

/** Where an act plays: a tenant with data, and a writer at work on it. */
export interface Stage {
  readonly story: Story;
  readonly client: ApiClient;
  readonly access: TenantAccess;
  readonly hero: string;
  /** The tenant's secret at its first place. */
  readonly before: TenantSecret;
  readonly writer: LedgerWriter;
}

/** What an act leaves to be judged. */
export interface Acted {
  /** The last one. */
  readonly move: Move;
  readonly refusals: readonly Refusal[];
  readonly counted: { readonly rows: number; readonly differing: readonly string[] };
  /** On top of those of every story. */
  readonly checks: Partial<Checks>;
}

export async function moveByDump(stage: Stage): Promise<Acted> {
  const move = await away(stage, 'dump', 'moveMs');
  await writesGoOn(stage);
  const refusals = await askOldPlace(stage, move);
  return { move, refusals, counted: await countBoth(stage, move), checks: {} };
}

/** There under load, back with every later write, there again, and the old places given up. */
export async function moveThereAndBack(stage: Stage): Promise<Acted> {
  const { story, client } = stage;
  const first = await away(stage, 'online', 'moveMs');
  await writesGoOn(stage);
  const refusals = await askOldPlace(stage, first);
  const counted = await countBoth(stage, first);
  await story.chapter(
    `taken back to ${first.fromClusterId}`,
    'reverseMs',
    (going) => besideWriter(stage.writer, going, (told) => reverse(client, first.id, told)),
    () => pauseNow(stage),
  );
  const back = await stage.access.secretOf(stage.hero);
  await writesGoOn(stage);
  await story.chapter('its own server given up', 'giveUpMs', (going) => complete(client, first.id, going));
  const second = await away(stage, 'online', 'moveAgainMs');
  await writesGoOn(stage);
  await story.chapter('the old place given up', 'completeMs', (going) => complete(client, second.id, going));
  const ended = [await moveOf(stage, first.id), await moveOf(stage, second.id)];
  const [, move = second] = ended;
  return {
    ...{ move, refusals, counted },
    checks: {
      wentBack: back.port === stage.before.port && back.generation > first.toGeneration,
      wentAgain: second.state === 'switched' && second.toGeneration > back.generation,
      oldPlacesGone: ended.every(({ endedAt }) => endedAt !== null),
    },
  };
}

async function away(stage: Stage, strategy: 'dump' | 'online', time: string): Promise<Move> {
  const { story, client, hero, writer } = stage;
  const operation = await story.chapter(
    `${hero} promoted to its own PostgreSQL server`,
    time,
    (going) => besideWriter(writer, going, (told) => promote(client, hero, strategy, told)),
    (done) => `${String(done.steps.length)} steps, ${pauseNow(stage)}`,
  );
  return moveOf(stage, operation.id);
}

const pauseNow = ({ writer }: Stage): string => `the writer waited ${duration(writer.takePauseMs())} at most`;

const moveOf = ({ client }: Stage, moveId: string): Promise<Move> =>
  answer(client.GET('/v1/moves/{moveId}', { params: { path: { moveId } } }));

const writesGoOn = ({ story, writer }: Stage): Promise<void> =>
  story.chapter('writes go on there', 'writesAgainMs', () => writer.awaitMore(writesToSee));

const askOldPlace = ({ story, access, before }: Stage, { fromClusterId }: Move): Promise<readonly Refusal[]> =>
  story.chapter(
    'the old place asked to write',
    'oldPlaceMs',
    async () => [await tryOldLogin(before), await tryOldAdmin(access, fromClusterId, before)],
    (all) => (all.every(({ refused }) => refused) ? 'refused' : 'ACCEPTED'),
  );

const countBoth = ({ story, access, hero, before }: Stage, { fromClusterId }: Move): Promise<Acted['counted']> =>
  story.chapter(
    'every row counted at both places',
    'countMs',
    async () => {
      const old = await countOldPlace(access, fromClusterId, before);
      const after = await access.secretOf(hero);
      const now = await withConnection(after, (client) => countTables(client, after.schema));
      return { rows: now.reduce((sum, { rows }) => sum + rows, 0), differing: differing(old, now, 'demo_ledger') };
    },
    ({ rows }) => `${count(rows)} rows`,
  );
