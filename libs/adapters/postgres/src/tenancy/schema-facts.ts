import { serviceRole } from '@berth/domain';
import { grantToSelf, quoteIdent, revokeFromSelf } from '../connection/index.js';
import { deviation, type Deviation, type Fact } from './deviation.js';
import type { OwnerState, SchemaState, TenantState } from './tenant-state.js';

/** The schema is there and belongs to the owner role. */
export const schemaStands: Fact = (state, { place }) => {
  const schema = quoteIdent(place.schema);
  const owner = quoteIdent(place.ownerRole);
  const object = `schema ${schema}`;
  if (state.schema === null) {
    const text = { message: `The schema ${place.schema} is missing.`, remedy: `Create the schema ${place.schema}.` };
    return [
      deviation('missing-schema', object, text, [
        `CREATE SCHEMA ${schema} AUTHORIZATION ${owner}`,
        `GRANT USAGE ON SCHEMA ${schema} TO ${quoteIdent(serviceRole)}`,
      ]),
    ];
  }
  if (state.schema.owner === place.ownerRole) return [];
  return [ownerDeviation(state, state.schema, object, place.ownerRole, `ALTER SCHEMA ${schema} OWNER TO ${owner}`)];
};

/** Everything in the schema belongs to the owner role. */
export const contentIsOwned: Fact = (state, { place }) =>
  state.strangers.map((stranger) => {
    const object = `${stranger.type} ${stranger.identity}`;
    const alter = alterOwnerSql(stranger, place.ownerRole);
    const found = ownerDeviation(state, stranger, object, place.ownerRole, alter);
    if (found.mend.length === 0 || !state.fenced || holds(state.schema, place.ownerRole, 'CREATE')) return found;
    // Who is given an object must be able to create where it is. The fence's own ban is lifted inside the transaction alone.
    const right = `CREATE ON SCHEMA ${quoteIdent(place.schema)}`;
    const owner = quoteIdent(place.ownerRole);
    return { ...found, mend: [`GRANT ${right} TO ${owner}`, ...found.mend, `REVOKE ${right} FROM ${owner}`] };
  });

/** What the server calls an object, where ALTER has another word for it. `agg(*)` is shown as `agg()`, which only ROUTINE takes. */
const alterWords: Readonly<Record<string, string>> = { 'statistics object': 'STATISTICS', aggregate: 'ROUTINE' };

/** `type` and `identity` as pg_identify_object gives them. */
export function alterOwnerSql(
  { type, identity }: { readonly type: string; readonly identity: string },
  owner: string,
): string {
  return `ALTER ${alterWords[type] ?? type.toUpperCase()} ${identity} OWNER TO ${quoteIdent(owner)}`;
}

/** Who gives an object away must be a member of its present owner. */
function ownerDeviation(state: TenantState, was: OwnerState, object: string, owner: string, alter: string): Deviation {
  const message = `The ${object} belongs to ${was.owner}, not to ${owner}.`;
  const remedy = `Give the ${object} to ${owner}.`;
  if (was.owner === state.self) return deviation('wrong-owner', object, { message, remedy }, [alter]);
  if (was.ownerSuper || (state.major >= 16 && !was.ownerUsable)) {
    return deviation('wrong-owner', object, { message, remedy: `As a superuser: ${alter}; then repair again.` }, []);
  }
  const mend = [grantToSelf(state.major, was.owner), alter, revokeFromSelf(was.owner)];
  return deviation('wrong-owner', object, { message, remedy }, mend);
}

/** The owner can use its schema. A fence and a gate take CREATE away on purpose, so that alone is left to them. */
export const ownerUsesSchema: Fact = (state, { place }) => {
  if (state.schema === null) return [];
  const missing = (state.schema.owner === place.ownerRole ? ['USAGE', 'CREATE'] : []).filter(
    (privilege) => !holds(state.schema, place.ownerRole, privilege) && !(privilege === 'CREATE' && state.fenced),
  );
  if (missing.length === 0) return [];
  return [missingSchemaRight(place.schema, place.ownerRole, missing)];
};

/** The service role can reach into the schema, and creates nothing there. */
export const serviceUsesSchema: Fact = (state, { place }) => {
  if (state.schema === null || holds(state.schema, serviceRole, 'USAGE')) return [];
  return [missingSchemaRight(place.schema, serviceRole, ['USAGE'])];
};

function holds(schema: SchemaState | null, role: string, privilege: string): boolean {
  return schema?.acl.some((entry) => entry.grantee === role && entry.privilege === privilege) ?? false;
}

function missingSchemaRight(schema: string, role: string, missing: readonly string[]): Deviation {
  const rights = missing.join(', ');
  const text = {
    message: `Role ${role} lacks ${rights} on schema ${schema}.`,
    remedy: `Grant ${rights} on schema ${schema} to ${role}.`,
  };
  const grant = `GRANT ${rights} ON SCHEMA ${quoteIdent(schema)} TO ${quoteIdent(role)}`;
  return deviation('missing-grant', `schema ${quoteIdent(schema)}`, text, [grant]);
}

/** Nobody else has a right on the schema: this is the border that a qualified name cannot cross. */
export const schemaIsClosed: Fact = (state, { place }) => {
  const foreign = (state.schema?.acl ?? []).filter(
    ({ grantee, privilege, grantable }) =>
      grantee !== place.ownerRole && !(grantee === serviceRole && privilege === 'USAGE' && !grantable),
  );
  const grantees = [...new Set(foreign.map(({ grantee }) => grantee))];
  return grantees.map((grantee) => {
    const rights = [
      ...new Set(foreign.filter((entry) => entry.grantee === grantee).map((entry) => entry.privilege)),
    ].sort();
    const who = grantee ?? 'PUBLIC';
    const target = grantee === null ? 'PUBLIC' : quoteIdent(grantee);
    const text = {
      message: `${who} has ${rights.join(', ')} on schema ${place.schema}.`,
      remedy: `Revoke ${rights.join(', ')} on schema ${place.schema} from ${who}.`,
    };
    const schema = quoteIdent(place.schema);
    // CASCADE: what the grantee passed on goes with it.
    const mend = [`REVOKE ALL ON SCHEMA ${schema} FROM ${target} CASCADE`];
    if (grantee === serviceRole) mend.push(`GRANT USAGE ON SCHEMA ${schema} TO ${target}`);
    return deviation('foreign-grant', `schema ${schema}`, text, mend);
  });
};
