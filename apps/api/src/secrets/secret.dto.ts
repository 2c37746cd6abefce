import { z } from 'zod';
import { sslModes, type LoginSlot, type Placement, type TenantLogins, type TenantSecret } from '@berth/domain';
import type { SecretVersion, StoredSecret } from '@berth/ports';
import { input, output, reasonField, time, timeField } from '../http/dto.js';

const hourMs = 3_600_000;

export const revealBody = input('RevealSecret', z.strictObject({ reason: reasonField }), {
  reason: 'incident 4711: the pod cannot log in',
});

export const rotateBody = input(
  'RotateLogin',
  z.strictObject({
    graceMs: z
      .number()
      .int()
      .min(0)
      .max(168 * hourMs)
      .default(hourMs)
      .meta({ description: 'How long the old login is kept at most for clients that still use it.', example: hourMs }),
    settleMs: z.number().int().min(0).max(hourMs).default(60_000).meta({
      description:
        'How long it is kept at least, whoever is seen: the time in which a new version of the secret reaches every client.',
      example: 60_000,
    }),
  }),
  { graceMs: hourMs, settleMs: 60_000 },
);

const loginSchema = z.object({
  slot: z.enum(['a', 'b']),
  username: z.string(),
  active: z.boolean().meta({ description: 'The one that the secret names. Both are there during a rotation.' }),
  since: timeField.nullable().meta({ description: 'When it became the active one; null for the other.' }),
});

const placeShape = {
  host: z.string(),
  port: z.number().int(),
  database: z.string(),
  schema: z.string(),
  sslmode: z.enum(sslModes),
  sslrootcert: z.string().optional().meta({ description: 'PEM of the authority to trust; absent: the public ones.' }),
  username: z.string(),
  generation: z.number().int().meta({ description: 'Of the placement that the secret leads to.' }),
};
const placeExample = {
  host: '10.0.0.12',
  port: 5432,
  database: 'tenants',
  schema: 'tenant_acme_corp',
  sslmode: 'verify-full' as const,
  username: 'tenant_acme_corp__b',
  generation: 1,
};

const versionSchema = z.object({
  version: z.number().int(),
  createdAt: timeField,
  generation: z.number().int().nullable(),
  operationId: z.string().nullable().meta({ description: 'The operation that wrote it; null: none of Berth did.' }),
  removed: z.boolean(),
});

export const secretDto = output(
  'TenantSecret',
  z.object({
    ref: z.string().meta({ description: 'Where it lies, relative to the mount of the store.' }),
    clusterId: z.string().nullable(),
    ...placeShape,
    logins: z.array(loginSchema),
    versions: z.array(versionSchema).meta({ description: 'Newest first.' }),
  }),
  {
    ref: 'tenants/acme-corp/db',
    clusterId: 'shared-1',
    ...placeExample,
    logins: [{ slot: 'b', username: 'tenant_acme_corp__b', active: true, since: '2026-11-21T09:30:00.000Z' }],
    versions: [
      {
        version: 2,
        createdAt: '2026-11-21T09:30:00.000Z',
        generation: 1,
        operationId: '0192f3a4-5b6c-7d8e-9f00-112233445566',
        removed: false,
      },
    ],
  },
);

const shownOnce = z
  .string()
  .nullable()
  .meta({ description: 'Null when the answer is repeated for an Idempotency-Key.' });
const { username: _username, generation: _generation, ...address } = placeShape;

export const revealedSecretDto = output(
  'RevealedSecret',
  z.object({
    ref: z.string(),
    version: z.number().int(),
    ...address,
    username: z.string(),
    generation: z.number().int(),
    password: shownOnce,
    url: shownOnce,
  }),
  { ref: 'tenants/acme-corp/db', version: 2, ...placeExample, password: null, url: null },
);

export interface SecretFacts {
  readonly secret: StoredSecret<TenantSecret>;
  readonly versions: readonly SecretVersion[];
  readonly logins: TenantLogins;
  /** When the tenant got its first login. */
  readonly firstLoginAt: Date | null;
  readonly placement: Placement | null;
}

/** Everything but the passwords: each field is named, so that none slips in with a new one of the document. */
export function secretBody(facts: SecretFacts): z.output<typeof secretDto> {
  const { secret, versions, logins, firstLoginAt, placement } = facts;
  const slots: readonly LoginSlot[] = ['a', 'b'];
  return {
    ref: secret.ref,
    clusterId: placement?.clusterId ?? null,
    ...placeOf(secret.document),
    logins: slots
      .filter((slot) => logins[slot] !== null)
      .map((slot) => ({
        slot,
        username: placement?.loginRoles[slot] ?? slot,
        active: logins.active === slot,
        since: logins.active === slot ? sinceOf(logins, firstLoginAt) : null,
      })),
    versions: versions.map(({ version, createdAt, metadata, removed }) => ({
      version,
      createdAt: time(createdAt),
      generation: metadata.generation ?? null,
      operationId: metadata.operationId ?? null,
      removed,
    })),
  };
}

function sinceOf(logins: TenantLogins, firstLoginAt: Date | null): string | null {
  return logins[logins.active]?.activeSince ?? (firstLoginAt === null ? null : time(firstLoginAt));
}

export function revealedBody({ ref, version, document }: StoredSecret<TenantSecret>) {
  const { password, url } = document;
  return { ref, version, ...placeOf(document), password, url };
}

function placeOf({ host, port, database, schema, sslmode, sslrootcert, username, generation }: TenantSecret) {
  const authority = sslrootcert === undefined ? {} : { sslrootcert };
  return { host, port, database, schema, sslmode, ...authority, username, generation };
}
