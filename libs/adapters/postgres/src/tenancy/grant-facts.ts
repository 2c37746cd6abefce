import { serviceRole } from '@berth/domain';
import { quoteIdent } from '../connection/index.js';
import { tenantsGroup } from './cluster-roles.js';
import { deviation, type Deviation, type Fact } from './deviation.js';

/** The cluster was prepared: its two roles are there, and the database lets tenants in and nobody else. */
export const clusterIsPrepared: Fact = (state) => {
  const missing = [...(state.serviceExists ? [] : [serviceRole]), ...(state.groupExists ? [] : [tenantsGroup])];
  const prepare = 'Prepare the cluster again.';
  return missing.map((role) =>
    deviation(
      'cluster-not-prepared',
      `role ${quoteIdent(role)}`,
      { message: `The role ${role} is missing.`, remedy: prepare },
      [],
    ),
  );
};

export const databaseIsClosed: Fact = (state) => {
  const database = quoteIdent(state.database);
  const object = `database ${database}`;
  const found: Deviation[] = [];
  const add = (code: string, message: string, remedy: string, mend: string): void => {
    const text = state.ownDatabase ? { message, remedy } : { message, remedy: `As the owner of the database: ${mend}` };
    found.push(deviation(code, object, text, state.ownDatabase ? [mend] : []));
  };
  if (state.publicDatabaseRights.length > 0) {
    const rights = state.publicDatabaseRights.join(', ');
    const mend = `REVOKE ${rights} ON DATABASE ${database} FROM PUBLIC`;
    add(
      'database-open',
      `PUBLIC has ${rights} on database ${state.database}.`,
      `Revoke ${rights} on database ${state.database} from PUBLIC.`,
      mend,
    );
  }
  if (state.groupConnects === false || state.publicDatabaseRights.includes('CONNECT')) {
    // While PUBLIC may connect nobody can tell whether the group may by itself: granted anyway.
    const mend = `GRANT CONNECT ON DATABASE ${database} TO ${quoteIdent(tenantsGroup)}`;
    add(
      'missing-grant',
      `The tenants may not connect to database ${state.database} by a right of their own.`,
      `Let the tenants connect to database ${state.database}.`,
      mend,
    );
  }
  return found;
};

/** What the service role may do with each kind of object, by the letters of pg_default_acl. */
const servicePrivileges = {
  r: { objects: 'TABLES', privileges: ['DELETE', 'INSERT', 'SELECT', 'UPDATE'] },
  S: { objects: 'SEQUENCES', privileges: ['SELECT', 'USAGE'] },
  f: { objects: 'FUNCTIONS', privileges: ['EXECUTE'] },
} as const;

/** What the owner makes from now on is usable by the service role, and by nobody else. */
export const defaultPrivilegesStand: Fact = (state, { place }) => {
  const prefix = `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdent(place.ownerRole)} IN SCHEMA ${quoteIdent(place.schema)}`;
  const object = `default privileges of ${quoteIdent(place.ownerRole)}`;
  return Object.entries(servicePrivileges).flatMap(([letter, { objects, privileges }]) => {
    const present = state.defaultPrivileges.filter((entry) => entry.objects === letter);
    const ofService = present.filter(({ grantee }) => grantee === serviceRole).map(({ privilege }) => privilege);
    const missing = privileges.filter((privilege) => !ofService.includes(privilege));
    const found: Deviation[] = [];
    if (missing.length > 0) {
      const text = {
        message: `New ${objects.toLowerCase()} of ${place.ownerRole} would lack ${missing.join(', ')} for ${serviceRole}.`,
        remedy: `Grant ${missing.join(', ')} on new ${objects.toLowerCase()} of ${place.ownerRole} to ${serviceRole}.`,
      };
      const grant = `${prefix} GRANT ${missing.join(', ')} ON ${objects} TO ${quoteIdent(serviceRole)}`;
      found.push(deviation('missing-default-privilege', object, text, [grant]));
    }
    const foreign = new Set(present.filter(({ grantee }) => grantee !== serviceRole).map(({ grantee }) => grantee));
    for (const grantee of foreign) {
      const who = grantee ?? 'PUBLIC';
      const text = {
        message: `New ${objects.toLowerCase()} of ${place.ownerRole} would be open to ${who}.`,
        remedy: `Revoke the rights of ${who} on new ${objects.toLowerCase()} of ${place.ownerRole}.`,
      };
      const target = grantee === null ? 'PUBLIC' : quoteIdent(grantee);
      found.push(
        deviation('foreign-default-privilege', object, text, [`${prefix} REVOKE ALL ON ${objects} FROM ${target}`]),
      );
    }
    return found;
  });
};

/** What is there already is usable by the service role. Objects that change their owner keep its rights, so order is free. */
export const serviceUsesContent: Fact = (state) =>
  state.ungranted.map(({ type, identity, privileges }) => {
    const object = `${type.toLowerCase()} ${identity}`;
    const rights = privileges.join(', ');
    const text = {
      message: `Role ${serviceRole} lacks ${rights} on ${object}.`,
      remedy: `Grant ${rights} on ${object} to ${serviceRole}.`,
    };
    return deviation('missing-grant', object, text, [
      `GRANT ${rights} ON ${type} ${identity} TO ${quoteIdent(serviceRole)}`,
    ]);
  });
