import { z } from 'zod';
import { scopes, type ApiKey } from '@berth/ports';
import { input, output, pageFieldsOf, pageOf, tenantIdField, time, timeField, timeOrNull } from '../http/dto.js';

export const apiKeyPath = z.strictObject({
  keyId: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,60}$/)
    .meta({ example: '0192f3a4-5b6c-7d8e-9f00-112233445566' }),
});

export const apiKeyListQuery = z.strictObject(pageFieldsOf('azoxNw'));

export const createApiKeyBody = input(
  'CreateApiKey',
  z.strictObject({
    name: z.string().trim().min(1).max(100).meta({ pattern: '\\S' }),
    scopes: z.array(z.enum(scopes)).min(1).max(scopes.length),
    tenantId: tenantIdField.optional().meta({ description: 'Binds the key to this tenant: every other answers 404.' }),
    expiresAt: z.iso.datetime({ offset: true }).optional().meta({ example: '2099-11-21T00:00:00.000Z' }),
  }),
  { name: 'billing page', scopes: ['billing'], expiresAt: '2099-11-21T00:00:00.000Z' },
);

const fields = {
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  tenantId: z.string().nullable(),
  expiresAt: timeField.nullable(),
  lastUsedAt: timeField.nullable().meta({ description: 'Kept to the minute.' }),
  revokedAt: timeField.nullable(),
  createdAt: timeField,
};
const example = {
  id: '0192f3a4-5b6c-7d8e-9f00-112233445566',
  name: 'billing page',
  scopes: ['billing' as const],
  tenantId: null,
  expiresAt: '2099-11-21T00:00:00.000Z',
  lastUsedAt: null,
  revokedAt: null,
  createdAt: '2026-11-21T09:30:00.000Z',
};

export const apiKeyDto = output('ApiKey', z.object(fields), example);
export const apiKeyPage = pageOf('ApiKeyPage', apiKeyDto);
export const newApiKeyDto = output(
  'NewApiKey',
  z.object({
    ...fields,
    key: z.string().nullable().meta({
      description:
        'Shown this once. Null when the answer is repeated for an Idempotency-Key: the key itself is kept nowhere.',
    }),
  }),
  { ...example, key: 'berth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
);

export function apiKeyBody(key: ApiKey): z.output<typeof apiKeyDto> {
  return {
    id: key.id,
    name: key.name,
    scopes: [...key.scopes],
    tenantId: key.tenantId,
    expiresAt: timeOrNull(key.expiresAt),
    lastUsedAt: timeOrNull(key.lastUsedAt),
    revokedAt: timeOrNull(key.revokedAt),
    createdAt: time(key.createdAt),
  };
}
