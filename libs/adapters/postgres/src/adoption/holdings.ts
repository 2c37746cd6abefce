import type { Place } from '@berth/domain';
import type { Connection } from '../connection/index.js';
import { holdingsSql, rolesSql } from './holdings.sql.js';

export interface HeldRight {
  /** Null: PUBLIC. */
  readonly grantee: string | null;
  readonly grantor: string;
  readonly privilege: string;
  readonly grantable: boolean;
  /** Null: on the whole object. */
  readonly column: string | null;
}

export interface HeldObject {
  /** Catalog and oid: they stay when somebody renames it. */
  readonly class: string;
  readonly oid: string;
  /** As pg_identify_object gives them. */
  readonly type: string;
  readonly identity: string;
  /** The word that GRANT has for it; null: no rights can be granted on it. */
  readonly kind: 'TABLE' | 'SEQUENCE' | 'ROUTINE' | 'TYPE' | null;
  readonly owner: string;
  /** Its owner is its table's. */
  readonly follows: boolean;
  readonly acl: readonly HeldRight[];
}

export interface HeldDefault {
  readonly role: string;
  /** As in pg_default_acl. */
  readonly objects: string;
  readonly grantee: string | null;
  readonly privilege: string;
}

/** Who owns what in one schema and who holds which right: what is kept of it before an adoption, and compared after the way back. */
export interface Holdings {
  readonly owner: string;
  readonly acl: readonly HeldRight[];
  readonly objects: readonly HeldObject[];
  readonly defaults: readonly HeldDefault[];
}

/** Null: there is no such schema. */
export async function readHoldings(client: Connection, { schema }: Place): Promise<Holdings | null> {
  const { rows } = await client.query<{ holdings: Holdings }>(holdingsSql, [schema]);
  return rows[0]?.holdings ?? null;
}

/** Owners of the schema and of anything in it. */
export function ownersOf({ owner, objects }: Holdings): readonly string[] {
  return [...new Set([owner, ...objects.map((object) => object.owner)])].sort();
}

/** Everybody who owns something, holds a right, or says what others get. PUBLIC is nobody. */
export function rolesIn(holdings: Holdings): readonly string[] {
  const rights = [...holdings.acl, ...holdings.objects.flatMap(({ acl }) => acl), ...holdings.defaults];
  const named = rights.flatMap(({ grantee }) => (grantee === null ? [] : [grantee]));
  return [...new Set([...ownersOf(holdings), ...named, ...holdings.defaults.map(({ role }) => role)])].sort();
}

export function keyOf(object: Pick<HeldObject, 'class' | 'oid'>): string {
  return `${object.class} ${object.oid}`;
}

export interface KnownRole {
  readonly name: string;
  readonly super: boolean;
  readonly inherit: boolean;
  /** The admin itself. */
  readonly self: boolean;
  /** PostgreSQL 16 and newer: the admin may become a member. */
  readonly administered: boolean;
  /** The admin is a member for good, by somebody's grant. */
  readonly joined: boolean;
  readonly joinedAsAdmin: boolean;
  readonly circular: boolean;
}

export async function readRoles(client: Connection, names: readonly string[]): Promise<readonly KnownRole[]> {
  return (await client.query<KnownRole>(rolesSql, [names])).rows;
}
