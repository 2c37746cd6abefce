import { BerthError, type Place, serviceRole } from '@berth/domain';
import { type Connection, quoteIdent, serverMajor } from '../connection/index.js';
import { recordTable, recordTableSql } from '../tenancy/migration-records.js';
import { alterOwnerSql } from '../tenancy/schema-facts.js';
import { existingRoles } from '../tenancy/tenant-sessions.js';
import { type HeldObject, type Holdings, keyOf, ownersOf, readHoldings, readRoles, rolesIn } from './holdings.js';
import { asMemberOf, formerOwners, grantorsIn, joinAgainSql, type Speaker } from './memberships.js';
import { type AsRole, differences, grantedOn, inRoles, revokeAllSql, rightsBack } from './rights.js';

/**
 * Everything in the open transaction: owners first, since only an owner gives rights; then rights; then the tenant's roles go, when
 * they own nothing any more. Read back at the end. @throws BerthError `leftovers-found`
 */
export async function giveBackAll(client: Connection, place: Place, before: Holdings): Promise<readonly string[]> {
  const major = await serverMajor(client);
  const roles = await readRoles(client, rolesIn(before));
  refuseLostOwners(
    before,
    roles.map(({ name }) => name),
  );
  const own = await existingRoles(client, place);
  const former = formerOwners(before, roles).map(({ name }) => name);
  const given = await giveOwnersBack(client, place, { before, major, own, members: [...own, ...former] });
  await giveRightsBack(client, place, { before, major, speakers: grantorsIn(before, roles, major) });
  const drop = own.length === 0 ? [] : [`DROP ROLE ${own.map(quoteIdent).join(', ')}`];
  await run(client, [...drop, ...joinAgainSql(roles, major)]);
  const left = differences(await holdingsAt(client, place), before);
  if (left.length > 0) throw notAsBefore(place, left);
  return given;
}

interface Work {
  readonly before: Holdings;
  readonly major: number;
}

interface RightsWork extends Work {
  /** Roles in whose name rights can be given; the admin may be one. */
  readonly speakers: readonly Speaker[];
}

async function giveOwnersBack(
  client: Connection,
  place: Place,
  { before, major, own, members }: Work & { readonly own: readonly string[]; readonly members: readonly string[] },
): Promise<readonly string[]> {
  const schema = quoteIdent(place.schema);
  const now = await holdingsAt(client, place);
  const wereOwners = new Map(before.objects.map((object) => [keyOf(object), object.owner]));
  const targetOf = (object: HeldObject): string =>
    wereOwners.get(keyOf(object)) ?? (own.includes(object.owner) ? before.owner : object.owner);
  const records = await recordsMadeByBerth(client, place, before);
  const moved = now.objects.filter(
    (object) => !object.follows && object.owner !== targetOf(object) && keyOf(object) !== records,
  );
  const owners = own.map(quoteIdent).join(', ');
  const statements = [
    ...(records === null ? [] : [`DROP TABLE ${recordTableSql(place)}`]),
    // Who is given an object must be able to create where it is. Which of them could before is set right with the rights.
    ...ownersOf(before).map((role) => `GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${quoteIdent(role)}`),
    ...moved.map((object) => alterOwnerSql(object, targetOf(object))),
    ...(now.owner === before.owner ? [] : [`ALTER SCHEMA ${schema} OWNER TO ${quoteIdent(before.owner)}`]),
    ...(own.length === 0
      ? []
      : [`REASSIGN OWNED BY ${owners} TO ${quoteIdent(before.owner)}`, `DROP OWNED BY ${owners}`]),
  ];
  await run(client, asMemberOf(major, members, statements));
  return [
    ...moved.map((object) => `Gave ${object.type} ${object.identity} back to ${targetOf(object)}.`),
    ...(now.owner === before.owner ? [] : [`Gave the schema ${place.schema} back to ${before.owner}.`]),
  ];
}

/** A revoked right takes what stood on it along, which then comes back in the next round. */
const rounds = 4;

async function giveRightsBack(
  client: Connection,
  place: Place,
  { before, major, speakers }: RightsWork,
): Promise<void> {
  const members = speakers.filter(({ self }) => !self).map(({ name }) => name);
  const canBeSaid = ({ role }: AsRole): boolean => speakers.some(({ name }) => name === role);
  for (let round = 0; round < rounds; round += 1) {
    const statements = missingRights(await holdingsAt(client, place), before).filter(canBeSaid);
    if (statements.length === 0) break;
    await run(client, asMemberOf(major, members, inRoles(statements)));
  }
  // Last, since whoever gives a right must be able to look into the schema.
  const on = `SCHEMA ${quoteIdent(place.schema)}`;
  const { acl } = await holdingsAt(client, place);
  const onSchema = rightsBack(before.owner, { on, acl }, { on, acl: before.acl });
  await run(client, asMemberOf(major, members, inRoles(onSchema.filter(canBeSaid))));
}

function missingRights(now: Holdings, before: Holdings): readonly AsRole[] {
  const were = new Map(before.objects.map((object) => [keyOf(object), object]));
  return now.objects.flatMap((object) => {
    const on = grantedOn(object);
    if (on === null) return [];
    const was = were.get(keyOf(object));
    if (was !== undefined) return rightsBack(object.owner, { on, acl: object.acl }, { on, acl: was.acl });
    const ofService = object.acl.some(({ grantee }) => grantee === serviceRole);
    return ofService ? [{ role: object.owner, sql: revokeAllSql(on, serviceRole) }] : [];
  });
}

/** The table of applied migrations, where it was not there before; as {@link keyOf}. */
async function recordsMadeByBerth(client: Connection, place: Place, before: Holdings): Promise<string | null> {
  // Not by to_regclass: the admin may not look into the schema.
  const { rows } = await client.query<{ oid: string }>(
    `SELECT c.oid::text AS oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'r'`,
    [place.schema, recordTable],
  );
  const oid = rows[0]?.oid ?? null;
  if (oid === null) return null;
  const key = keyOf({ class: 'pg_class', oid });
  return before.objects.some((object) => keyOf(object) === key) ? null : key;
}

async function holdingsAt(client: Connection, place: Place): Promise<Holdings> {
  const holdings = await readHoldings(client, place);
  if (holdings !== null) return holdings;
  throw notAsBefore(place, [`The schema ${place.schema} is gone.`]);
}

function refuseLostOwners(before: Holdings, there: readonly string[]): void {
  const lost = ownersOf(before).filter((name) => !there.includes(name));
  if (lost.length === 0) return;
  throw new BerthError('leftovers-found', `Owners of before are gone: ${lost.join(', ')}.`, {
    hint: `Make them again (CREATE ROLE … NOLOGIN), then retry the operation.`,
    details: { leftovers: lost },
  });
}

function notAsBefore({ schema }: Place, leftovers: readonly string[]): BerthError {
  return new BerthError('leftovers-found', `The schema ${schema} would not be as it was: ${leftovers.join(' ')}`, {
    hint: 'Nothing but the closed logins has changed. Set right what is named, as the runbook leftovers-found tells, then retry the operation.',
    details: { leftovers },
  });
}

async function run(client: Connection, statements: readonly string[]): Promise<void> {
  if (statements.length > 0) await client.query(statements.join(';\n'));
}
