import { setTimeout as delay } from 'node:timers/promises';
import { BerthError, type Place } from '@berth/domain';
import { type Connection, quoteIdent } from '../connection/index.js';
import { creatorsQuery, mayCreateQuery } from './fence-queries.js';

const creatorPollMs = 20;

export async function ownerMayCreate(client: Connection, oid: string): Promise<boolean> {
  const { rows } = await client.query<{ mayCreate: boolean }>(mayCreateQuery, [oid]);
  return rows[0]?.mayCreate === true;
}

/** Stops only who begins after its commit: so commit it, then {@link awaitCreators}. The admin is a member of the owner role. */
export async function takeCreate(client: Connection, place: Place): Promise<void> {
  await client.query(asOwner(place, `REVOKE CREATE ON SCHEMA ${quoteIdent(place.schema)} FROM`));
}

export async function giveCreate(client: Connection, place: Place): Promise<void> {
  await client.query(giveCreateSql(place));
}

export const giveCreateSql = (place: Place): string =>
  asOwner(place, `GRANT CREATE ON SCHEMA ${quoteIdent(place.schema)} TO`);

export async function countCreators(client: Connection, oid: string): Promise<number> {
  const { rows } = await client.query<{ creators: number }>(creatorsQuery, [oid]);
  return rows[0]?.creators ?? 0;
}

/** Waits for whoever made something in the schema and has not committed. `count` looks anew each time. @throws BerthError `lock-timeout` */
export async function awaitCreators(place: Place, count: () => Promise<number>, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while ((await count()) !== 0) {
    if (performance.now() >= deadline) {
      throw new BerthError('lock-timeout', `An open transaction has made something in schema ${place.schema}.`);
    }
    await delay(creatorPollMs);
  }
}

const asOwner = ({ ownerRole }: Place, change: string): string =>
  `SET LOCAL ROLE ${quoteIdent(ownerRole)}; ${change} ${quoteIdent(ownerRole)}; RESET ROLE`;
