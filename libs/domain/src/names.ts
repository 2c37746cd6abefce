import { BerthError } from './error.js';

declare const tenantIdBrand: unique symbol;
/** A tenant id that passed {@link parseTenantId}: 3 to 40 characters, `a-z`, `0-9`, single inner hyphens, first a letter. */
export type TenantId = string & { readonly [tenantIdBrand]: true };

export type LoginSlot = 'a' | 'b';

/** Ids that would meet a word of the API, of PostgreSQL or of a pooler (whose database aliases are tenant ids). */
export const reservedTenantIds: ReadonlySet<string> = new Set([
  'admin',
  'all',
  'berth',
  'new',
  'pgbouncer',
  'postgres',
  'public',
  'rdsadmin',
  'system',
  'template0',
  'template1',
]);

const tenantIdPattern = /^[a-z](?:[a-z0-9]|-(?=[a-z0-9]))*$/;

/** @throws BerthError `invalid-name`, with the rule that the name broke. */
export function parseTenantId(text: string): TenantId {
  const fault = tenantIdFault(text);
  if (fault !== undefined) {
    throw new BerthError('invalid-name', `The tenant id ${quoteForMessage(text)} ${fault}.`, {
      hint: 'Use 3 to 40 characters: a-z, 0-9 and single hyphens inside, starting with a letter, for example "acme-corp".',
    });
  }
  return text as TenantId;
}

function tenantIdFault(text: string): string | undefined {
  if (text.length < 3) return 'is shorter than 3 characters';
  if (text.length > 40) return `has ${String(text.length)} characters, 40 at most are allowed`;
  if (!tenantIdPattern.test(text)) {
    return 'has a character or a place for a hyphen that is not allowed (a-z, 0-9, single inner hyphens, first a letter)';
  }
  if (reservedTenantIds.has(text)) return 'is reserved';
  return undefined;
}

/** Names in messages are cut and stripped of control characters: they come from strangers. */
export function quoteForMessage(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return JSON.stringify(shown);
}

/** The PostgreSQL names of a tenant. Hyphen becomes underscore: injective, since ids hold no underscore. */
export function schemaNameOf(id: TenantId): string {
  return `tenant_${id.replaceAll('-', '_')}`;
}

/** The role without login that owns the schema; it bears the schema's name. */
export function ownerRoleOf(id: TenantId): string {
  return schemaNameOf(id);
}

/**
 * A login role of the tenant. Two underscores before the slot: with one, the login `a` of tenant `acme` would bear the name
 * of the owner role of tenant `acme-a`, and the two would share their data. No id yields two underscores in a row.
 */
export function loginRoleOf(id: TenantId, slot: LoginSlot): string {
  return `${schemaNameOf(id)}__${slot}`;
}

/** The cluster that a move or a provisioning makes for one tenant; the generation keeps two instances of a tenant apart. */
export function dedicatedClusterIdOf(id: TenantId, generation: number): string {
  return `dedicated-${id}-g${String(generation)}`;
}
