import { type Finding, type Place, serviceRole } from '@berth/domain';
import type { AdoptionPreview } from '@berth/ports';
import { type Connection, quoteIdent, serverMajor } from '../connection/index.js';
import { existingRoles } from '../tenancy/tenant-sessions.js';
import { adoptionQuestions } from './adoption-questions.js';
import {
  type HeldObject,
  type Holdings,
  type KnownRole,
  ownersOf,
  readHoldings,
  readRoles,
  rolesIn,
} from './holdings.js';
import { foreignGrantees } from './rights.js';

/** In the open transaction of `client`; what it finds is what `take` would meet. */
export async function previewAdoption(client: Connection, place: Place): Promise<AdoptionPreview> {
  const system = systemSchema(place);
  if (system !== null) return { findings: [system], roles: [] };
  const holdings = await readHoldings(client, place);
  if (holdings === null) return { findings: [missingSchema(place)], roles: [] };
  const names = rolesIn(holdings);
  const [major, roles] = [await serverMajor(client), await readRoles(client, names)];
  const findings = [
    ...(await takenNames(client, place)),
    ...(await databaseRights(client, place)),
    ...rolesBeyond(holdings, roles, major),
    ...(await answers(client, place, ownersOf(holdings))),
    ...whatComes(place),
    ...oldRoles(place, holdings, roles, major),
    ...whatChanges(place, holdings),
  ];
  return { findings, roles: names };
}

function systemSchema({ schema }: Place): Finding | null {
  if (!/^pg_/.test(schema) && !['information_schema', 'berth', 'public'].includes(schema)) return null;
  const whose = schema === 'public' ? 'everybody’s' : schema === 'berth' ? 'Berth’s own' : 'the server’s own';
  return error(
    'system-schema',
    `schema ${schema}`,
    `The schema ${schema} is ${whose}.`,
    'Move what the tenant has there into a schema of its own: ALTER TABLE … SET SCHEMA ….',
  );
}

function missingSchema({ schema, database, clusterId }: Place): Finding {
  const message = `There is no schema ${schema} in the database ${database} of cluster ${clusterId}.`;
  return error(
    'schema-missing',
    `schema ${schema}`,
    message,
    'Look at its spelling, and at the database that the cluster was registered with.',
  );
}

async function takenNames(client: Connection, place: Place): Promise<readonly Finding[]> {
  return (await existingRoles(client, place)).map((role) =>
    error(
      'target-taken',
      `role ${quoteIdent(role)}`,
      `The role ${role} is there already, and the tenant's own would bear its name.`,
      `Choose another tenant id, or rename it: ALTER ROLE ${quoteIdent(role)} RENAME TO …;`,
    ),
  );
}

/** A schema is given away by who may create one. */
async function databaseRights(client: Connection, { database }: Place): Promise<readonly Finding[]> {
  const { rows } = await client.query<{ may: boolean }>(
    `SELECT has_database_privilege(current_database(), 'CREATE') AS may`,
  );
  if (rows[0]?.may === true) return [];
  const remedy = `As the owner of the database: GRANT CREATE ON DATABASE ${quoteIdent(database)} TO the cluster's admin login;`;
  return [error('cluster-rights', `database ${database}`, 'The admin may not give a schema away there.', remedy)];
}

/** Who gives an object away, and takes it back, must be able to become its owner. */
function rolesBeyond(holdings: Holdings, roles: readonly KnownRole[], major: number): readonly Finding[] {
  const owning = new Set([...ownersOf(holdings), ...holdings.defaults.map(({ role }) => role)]);
  return roles
    .filter(({ name, self }) => owning.has(name) && !self)
    .flatMap((role) => {
      const object = `role ${quoteIdent(role.name)}`;
      const owns = countOf(holdings.objects.filter(({ owner }) => owner === role.name).length, 'object');
      if (role.super) {
        const message = `${role.name} is a superuser and owns ${owns} in the schema: only a superuser gives that away.`;
        return [
          error(
            'owner-superuser',
            object,
            message,
            `As a superuser: make a role without power the owner, ALTER … OWNER TO …; for each object.`,
          ),
        ];
      }
      if (role.circular) {
        const message = `${role.name} is a member of the cluster's admin login: the admin cannot become a member of it.`;
        return [error('owner-beyond-admin', object, message, `As a superuser: revoke that membership.`)];
      }
      if (major < 16 || role.administered) return [];
      const message = `${role.name} owns ${owns} in the schema, and the cluster's admin login may not become a member of it.`;
      const remedy = `As a superuser: GRANT ${quoteIdent(role.name)} TO the cluster's admin login WITH ADMIN OPTION;`;
      return [error('owner-beyond-admin', object, message, remedy)];
    });
}

async function answers(client: Connection, { schema }: Place, owners: readonly string[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { code, severity, sql, message, remedy } of adoptionQuestions) {
    const { rows } = await client.query<{ object: string; detail: string | null }>(sql, [schema, owners]);
    findings.push(...rows.map((row) => ({ code, severity, object: row.object, message: message(row), remedy })));
  }
  return findings;
}

function whatComes({ schema, ownerRole, loginRoles }: Place): readonly Finding[] {
  return [
    info(
      'grants-come',
      `schema ${schema}`,
      `${ownerRole} becomes its owner and ${loginRoles.a} logs in as it; ${serviceRole} may use every table, sequence and function, also those made later (default privileges of ${ownerRole}).`,
    ),
  ];
}

/** Each role of before, and what it can do until the adoption is confirmed, and then. */
function oldRoles(place: Place, holdings: Holdings, roles: readonly KnownRole[], major: number): readonly Finding[] {
  const owners = new Set(ownersOf(holdings));
  const grantees = new Set(holdings.objects.flatMap((object) => foreignGrantees(place, object)));
  const held = [...grantees, ...holdings.acl.map(({ grantee }) => grantee)];
  const shown = roles.filter(
    ({ name, self }) => !self && name !== serviceRole && (owners.has(name) || held.includes(name)),
  );
  return shown.map(({ name, inherit }) => {
    const object = `role ${quoteIdent(name)}`;
    if (!owners.has(name)) {
      return info(
        'old-rights',
        object,
        `${name} keeps its rights in the schema until the adoption is confirmed; then they go.`,
      );
    }
    const message = `${name} becomes a member of ${place.ownerRole} and works on as before until the adoption is confirmed; then it has no access to the schema.`;
    if (inherit || major >= 16) return info('old-owner', object, message);
    return {
      code: 'old-owner-noinherit',
      severity: 'warning',
      object,
      message: `${name} becomes a member of ${place.ownerRole} and inherits nothing (NOINHERIT): it loses access at once unless it types SET ROLE.`,
      remedy: `ALTER ROLE ${quoteIdent(name)} INHERIT;`,
    };
  });
}

/** Every object: whose it is, whose it will be, and whose rights end when the adoption is confirmed. */
function whatChanges(place: Place, { objects, defaults }: Holdings): readonly Finding[] {
  const ends = defaults
    .filter(({ role }) => role !== place.ownerRole)
    .map(({ role, grantee }) => `${role} for ${grantee ?? 'PUBLIC'}`);
  const ofDefaults = [...new Set(ends)].map((whose) =>
    info(
      'default-privilege-goes',
      `schema ${place.schema}`,
      `Default privileges of ${whose} go when the adoption is confirmed.`,
    ),
  );
  return [...objects.map((object) => objectFinding(place, object)), ...ofDefaults];
}

function objectFinding(place: Place, object: HeldObject): Finding {
  const grantees = foreignGrantees(place, object).filter((grantee) => grantee !== object.owner);
  const end =
    grantees.length === 0
      ? ''
      : ` Rights that go when it is confirmed: those of ${grantees.map((one) => one ?? 'PUBLIC').join(', ')}.`;
  const how = object.follows ? `with its table` : `to ${place.ownerRole}`;
  return info(
    'owner-changes',
    `${object.type} ${object.identity}`,
    `It belongs to ${object.owner} and goes ${how}.${end}`,
  );
}

function countOf(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function error(code: string, object: string, message: string, remedy: string | null): Finding {
  return { code, severity: 'error', object, message, remedy };
}

function info(code: string, object: string, message: string): Finding {
  return { code, severity: 'info', object, message, remedy: null };
}
