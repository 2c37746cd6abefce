import { BerthError, type Place, serviceRole } from '@berth/domain';
import type { WantedTenant } from '@berth/ports';
import { type Connection, grantToSelf, quoteIdent, revokeFromSelf, serverMajor } from '../connection/index.js';
import type { Deviation } from '../tenancy/deviation.js';
import { mendTenant } from '../tenancy/mend-tenant.js';
import { deviationsOf } from '../tenancy/tenant-facts.js';
import { readTenantState } from '../tenancy/tenant-state.js';
import { type HeldDefault, type Holdings, readHoldings, readRoles, rolesIn } from './holdings.js';
import { asMemberOf, admittedOwners, joinAgainSql } from './memberships.js';
import { type AsRole, foreignGrantees, grantedOn, inRoles, revokeAllSql } from './rights.js';

/** The words of ALTER DEFAULT PRIVILEGES, by the letters of pg_default_acl. */
const defaultWords: Readonly<Record<string, string>> = { r: 'TABLES', S: 'SEQUENCES', f: 'FUNCTIONS', T: 'TYPES' };

/**
 * Everything in the open transaction: what the owners of before made meanwhile is given to the tenant's, and whatever anybody else
 * holds in the schema goes. Read back at the end. @throws BerthError `leftovers-found`
 */
export async function endTrial(client: Connection, wanted: WantedTenant, before: Holdings): Promise<readonly string[]> {
  const { place } = wanted;
  const major = await serverMajor(client);
  const roles = await readRoles(client, rolesIn(before));
  const admitted = await admittedOwners(client, place, before);
  await run(
    client,
    admitted.map((name) => `REVOKE ${quoteIdent(place.ownerRole)} FROM ${quoteIdent(name)}`),
  );
  await refuseUnmendable(client, wanted);
  const mended = await mendTenant(client, wanted);
  const holdings = await readHoldings(client, place);
  const rights = holdings === null ? [] : foreignRights(place, holdings);
  const defaults = holdings === null ? [] : foreignDefaults(place, holdings);
  const revokes = rights.map(({ on, grantee }) => ({ role: place.ownerRole, sql: revokeAllSql(on, grantee) }));
  const routines = holdings === null ? [] : ownExecute(place, holdings);
  await run(client, asMemberOf(major, [place.ownerRole], inRoles([...revokes, ...routines])));
  const self = roles.find((role) => role.self)?.name;
  await run(
    client,
    defaults.flatMap((found) => defaultGoesSql(major, place, found, found.role === self)),
  );
  // What the product's jobs had by a right of PUBLIC they have by one of their own from here on.
  const again = await mendTenant(client, wanted);
  await run(client, joinAgainSql(roles, major));
  await readBack(client, wanted);
  return [
    ...admitted.map((name) => `Ended the membership of ${name} in ${place.ownerRole}.`),
    ...mended,
    ...again,
    ...rights.map(({ on, grantee }) => `Revoked the rights of ${grantee ?? 'PUBLIC'} on ${on.toLowerCase()}.`),
    ...defaults.map(({ role, grantee }) => `Revoked the default privileges of ${role} for ${grantee ?? 'PUBLIC'}.`),
  ];
}

function foreignRights(
  place: Place,
  { objects }: Holdings,
): readonly { readonly on: string; readonly grantee: string | null }[] {
  return objects.flatMap((object) => {
    const on = grantedOn(object);
    return on === null ? [] : foreignGrantees(place, object).map((grantee) => ({ on, grantee }));
  });
}

/**
 * By the default privileges of a tenant's owner the product's jobs have a right of their own on each of its functions, beside PUBLIC's: a copy
 * of the schema has it, and is compared.
 */
function ownExecute(place: Place, { objects }: Holdings): readonly AsRole[] {
  return objects
    .filter(({ kind, acl }) => kind === 'ROUTINE' && !acl.some(({ grantee }) => grantee === serviceRole))
    .map(({ identity }) => ({
      role: place.ownerRole,
      sql: `GRANT EXECUTE ON ROUTINE ${identity} TO ${quoteIdent(serviceRole)}`,
    }));
}

/** Those of the tenant's owner are a fact of every tenant, and mended with it. */
function foreignDefaults(place: Place, { defaults }: Holdings): readonly HeldDefault[] {
  const foreign = defaults.filter(({ role }) => role !== place.ownerRole);
  return [...new Map(foreign.map((one) => [JSON.stringify([one.role, one.objects, one.grantee]), one])).values()];
}

function defaultGoesSql(major: number, place: Place, found: HeldDefault, ofAdmin: boolean): readonly string[] {
  const words = defaultWords[found.objects] ?? 'TABLES';
  const from = found.grantee === null ? 'PUBLIC' : quoteIdent(found.grantee);
  const sql = `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdent(found.role)} IN SCHEMA ${quoteIdent(place.schema)} REVOKE ALL ON ${words} FROM ${from}`;
  return ofAdmin ? [sql] : [grantToSelf(major, found.role), sql, revokeFromSelf(found.role)];
}

/** Before anything is tried: a statement that the server refuses says less than a finding. */
async function refuseUnmendable(client: Connection, wanted: WantedTenant): Promise<void> {
  const deviations = deviationsOf(await readTenantState(client, wanted.place), wanted);
  refuseLeft(wanted.place, sentencesOf(deviations.filter(({ mend }) => mend.length === 0)));
}

async function readBack(client: Connection, wanted: WantedTenant): Promise<void> {
  const { place } = wanted;
  const deviations = deviationsOf(await readTenantState(client, place), wanted);
  const holdings = await readHoldings(client, place);
  const rights = holdings === null ? [] : foreignRights(place, holdings);
  const defaults = holdings === null ? [] : foreignDefaults(place, holdings);
  refuseLeft(place, [
    ...sentencesOf(deviations),
    ...rights.map(({ on, grantee }) => `${grantee ?? 'PUBLIC'} has rights on ${on}.`),
    ...defaults.map(({ role }) => `${role} has default privileges there.`),
  ]);
}

function sentencesOf(deviations: readonly Deviation[]): readonly string[] {
  return deviations.filter(({ finding }) => finding.severity !== 'info').map(({ finding }) => finding.message);
}

function refuseLeft({ schema }: Place, left: readonly string[]): void {
  if (left.length === 0) return;
  throw new BerthError('leftovers-found', `The schema ${schema} is not as it should be: ${left.join(' ')}`, {
    hint: 'Nothing has changed, the tenant is on trial still. Set right what is named, then retry the operation, or cancel it.',
    details: { leftovers: left },
  });
}

async function run(client: Connection, statements: readonly string[]): Promise<void> {
  if (statements.length > 0) await client.query(statements.join(';\n'));
}
