import { createHash } from 'node:crypto';
import type { TenantLimits } from '@berth/domain';
import type { WantedTenant } from '@berth/ports';
import { quoteIdent, quoteLiteral } from '../connection/index.js';
import { deviation, type Deviation, type Fact } from './deviation.js';
import { grantToLogin, loginGroups, retireLoginSql, roleOf, rolesOf, wantedLogins } from './tenant-roles.js';
import type { RoleState, TenantState } from './tenant-state.js';

const plainAttributes = 'NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT';

/** The owner role is there, cannot log in and has no power of its own. */
export const ownerRoleStands: Fact = (state, { place }) => {
  const name = place.ownerRole;
  const role = roleOf(state, name);
  const object = `role ${quoteIdent(name)}`;
  if (role === undefined) {
    const create = `CREATE ROLE ${quoteIdent(name)} NOLOGIN ${plainAttributes}`;
    const text = { message: `The owner role ${name} is missing.`, remedy: `Create the owner role ${name}.` };
    return [deviation('missing-role', object, text, [create])];
  }
  const wrong = [...wrongPowers(role), ...(role.login ? ['LOGIN'] : [])];
  return wrong.length === 0 ? [] : [attributesDeviation(role, wrong, `NOLOGIN ${plainPowers}`)];
};

/** Each wanted login is there with its attributes, its settings and its verifier. */
export const loginRolesStand: Fact = (state, wanted) =>
  wantedLogins(wanted).flatMap(({ name, verifier }) => {
    const role = roleOf(state, name);
    if (role === undefined) return [missingLogin(state, wanted, name, verifier)];
    if (isBeyondAdmin(role)) return loginAttributes(role, wanted);
    return [...loginAttributes(role, wanted), ...loginSettings(role, state, wanted), ...loginPassword(role, verifier)];
  });

function missingLogin(state: TenantState, wanted: WantedTenant, name: string, verifier: string): Deviation {
  const text = { message: `The login role ${name} is missing.`, remedy: `Create the login role ${name}.` };
  return deviation('missing-role', `role ${quoteIdent(name)}`, text, [
    `CREATE ROLE ${quoteIdent(name)} ${plainAttributes} ${loginAttributesSql(wanted)} PASSWORD ${quoteLiteral(verifier)}`,
    verifierComment(name, verifier),
    ...settingsSql(name, wanted),
    ...loginGroups(wanted.place).map((group) => grantToLogin(state.major, group, name)),
  ]);
}

function loginAttributesSql({ logins, limits }: WantedTenant): string {
  const login = logins === 'open' ? 'LOGIN' : 'NOLOGIN';
  return `${login} CONNECTION LIMIT ${connectionLimit(limits)}`;
}

/** 0 in a plan means no limit; in CONNECTION LIMIT that is -1, and 0 would let nobody in. */
function connectionLimit(limits: TenantLimits): number {
  return limits.connectionLimit === 0 ? -1 : limits.connectionLimit;
}

function loginAttributes(role: RoleState, wanted: WantedTenant): readonly Deviation[] {
  const limit = connectionLimit(wanted.limits);
  const wrong = [
    ...wrongPowers(role),
    ...(role.login === (wanted.logins === 'open') ? [] : [role.login ? 'LOGIN' : 'NOLOGIN']),
    ...(role.connectionLimit === limit ? [] : [`CONNECTION LIMIT ${role.connectionLimit}`]),
    ...(role.expires ? ['VALID UNTIL'] : []),
  ];
  if (wrong.length === 0) return [];
  return [attributesDeviation(role, wrong, `${plainPowers} ${loginAttributesSql(wanted)} VALID UNTIL 'infinity'`)];
}

/** What a CREATEROLE admin may take away; naming SUPERUSER, REPLICATION or BYPASSRLS at all asks for a superuser. */
const plainPowers = 'NOCREATEDB NOCREATEROLE INHERIT';

function wrongPowers(role: RoleState): readonly string[] {
  return [
    ...(role.super ? ['SUPERUSER'] : []),
    ...(role.replication ? ['REPLICATION'] : []),
    ...(role.bypassRls ? ['BYPASSRLS'] : []),
    ...(role.createDatabase ? ['CREATEDB'] : []),
    ...(role.createRole ? ['CREATEROLE'] : []),
    ...(role.inherit ? [] : ['NOINHERIT']),
  ];
}

/** Nothing of such a role can be changed by an admin that is no superuser. */
function isBeyondAdmin(role: RoleState): boolean {
  return role.super || role.replication || role.bypassRls;
}

function attributesDeviation(role: RoleState, wrong: readonly string[], attributes: string): Deviation {
  const object = `role ${quoteIdent(role.name)}`;
  const message = `The role ${role.name} has the wrong attributes: ${wrong.join(', ')}.`;
  const alter = `ALTER ROLE ${quoteIdent(role.name)} ${attributes}`;
  if (isBeyondAdmin(role)) {
    const remedy = `As a superuser: ALTER ROLE ${quoteIdent(role.name)} NOSUPERUSER NOREPLICATION NOBYPASSRLS; then repair again.`;
    return deviation('wrong-role-attributes', object, { message, remedy }, []);
  }
  const remedy = `Set the attributes of role ${role.name} (${wrong.join(', ')} is wrong).`;
  return deviation('wrong-role-attributes', object, { message, remedy }, [alter]);
}

function settingsSql(name: string, { place, limits }: WantedTenant): readonly string[] {
  const alter = `ALTER ROLE ${quoteIdent(name)} SET`;
  return [
    `${alter} role = ${quoteLiteral(place.ownerRole)}`,
    `${alter} search_path = ${quoteIdent(place.schema)}`,
    `${alter} statement_timeout = ${limits.statementTimeoutMs}`,
    `${alter} idle_in_transaction_session_timeout = ${limits.idleInTransactionTimeoutMs}`,
  ];
}

function loginSettings(role: RoleState, state: TenantState, wanted: WantedTenant): readonly Deviation[] {
  const expected = [
    `role=${wanted.place.ownerRole}`,
    `search_path=${state.quotedSchema}`,
    `statement_timeout=${wanted.limits.statementTimeoutMs}`,
    `idle_in_transaction_session_timeout=${wanted.limits.idleInTransactionTimeoutMs}`,
  ];
  const name = quoteIdent(role.name);
  const missing = expected.filter((setting) => !role.settings.includes(setting));
  const extra = [...role.settings.filter((setting) => !expected.includes(setting)), ...role.databaseSettings];
  if (missing.length === 0 && extra.length === 0) return [];
  const inDatabase = `ALTER ROLE ${name} IN DATABASE ${quoteIdent(state.database)} RESET ALL`;
  const names = [...new Set([...missing, ...extra].map((setting) => setting.replace(/=.*/s, '')))].sort().join(', ');
  const text = {
    message: `The settings of login ${role.name} are not the wanted ones: ${names}.`,
    remedy: `Set role, search_path and timeouts of login ${role.name} (${names}).`,
  };
  const mend = [`ALTER ROLE ${name} RESET ALL`, ...settingsSql(role.name, wanted)];
  return [
    deviation(
      'wrong-role-settings',
      `role ${name}`,
      text,
      role.databaseSettings.length === 0 ? mend : [inDatabase, ...mend],
    ),
  ];
}

/**
 * Nobody but a superuser can read a verifier back, so a comment on the role says which one Berth set. That tells a rotation
 * apart; a password changed by hand is healed all the same, as `converge` sets every verifier again ({@link setVerifiers}).
 */
function loginPassword(role: RoleState, verifier: string): readonly Deviation[] {
  if (role.comment === verifierNote(verifier)) return [];
  const text = {
    message: `The password of login ${role.name} is not the one that Berth keeps.`,
    remedy: `Set the password of login ${role.name}.`,
  };
  const mend = [setVerifier(role.name, verifier), verifierComment(role.name, verifier)];
  return [deviation('wrong-password', `role ${quoteIdent(role.name)}`, text, mend)];
}

/** Sets the verifiers of logins that are there. Never reported as a change: nobody can see whether it was one. */
export function setVerifiers(state: TenantState, wanted: WantedTenant): readonly string[] {
  return wantedLogins(wanted)
    .filter(({ name }) => {
      const role = roleOf(state, name);
      return role !== undefined && !isBeyondAdmin(role);
    })
    .map(({ name, verifier }) => setVerifier(name, verifier));
}

function setVerifier(name: string, verifier: string): string {
  return `ALTER ROLE ${quoteIdent(name)} PASSWORD ${quoteLiteral(verifier)}`;
}

function verifierNote(verifier: string): string {
  // The verifier holds 128 random bits of salt: its hash tells nothing about the password.
  return `berth verifier sha256:${createHash('sha256').update(verifier).digest('hex')}`;
}

function verifierComment(name: string, verifier: string): string {
  return `COMMENT ON ROLE ${quoteIdent(name)} IS ${quoteLiteral(verifierNote(verifier))}`;
}

/** No login is there that nobody wants: the other slot after a rotation, or the one of a migration that was cut off. */
export const noOrphanLogins: Fact = (state, wanted) => {
  const { place } = wanted;
  const expected = wantedLogins(wanted).map(({ name }) => name);
  return rolesOf(place)
    .filter((name) => name !== place.ownerRole && !expected.includes(name) && roleOf(state, name) !== undefined)
    .map((name) => {
      const quoted = quoteIdent(name);
      const text = {
        message: `The login role ${name} is there and not in use.`,
        remedy: `Drop the login role ${name}.`,
      };
      const mend = retireLoginSql(state.major, name, place.ownerRole);
      return deviation('orphan-role', `role ${quoted}`, text, mend);
    });
};
