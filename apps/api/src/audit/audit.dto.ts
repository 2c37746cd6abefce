import { z } from 'zod';
import type { RecordedAuditEntry } from '@berth/ports';
import { output, pageFieldsOf, pageOf, tenantIdField, time, timeField } from '../http/dto.js';

export const auditListQuery = z.strictObject({
  tenantId: tenantIdField.optional(),
  actor: z.string().min(1).max(100).optional().meta({ example: 'key:bootstrap-0a1b2c3d4e5f' }),
  ...pageFieldsOf('YToxNw'),
});

export const auditEntryDto = output(
  'AuditEntry',
  z.object({
    number: z.number().int(),
    at: timeField,
    actor: z
      .string()
      .meta({ description: '`key:<id>`, `anonymous`, `schedule` (what a worker does by the clock), `bootstrap`.' }),
    action: z.string(),
    tenantId: z.string().nullable(),
    object: z.string(),
    from: z.string().nullable().meta({ description: 'The address that asked.' }),
    answer: z.string().meta({ description: 'The HTTP status, and the code of a problem.' }),
    operationId: z.string().nullable(),
    hash: z.string().meta({ description: 'SHA-256 over this entry and the hash of the one before.' }),
  }),
  {
    number: 42,
    at: '2026-11-21T09:30:00.000Z',
    actor: 'key:bootstrap-0a1b2c3d4e5f',
    action: 'create-tenant',
    tenantId: 'acme-corp',
    object: '/v1/tenants',
    from: '10.0.0.7',
    answer: '202',
    operationId: '0192f3a4-5b6c-7d8e-9f00-112233445566',
    hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  },
);
export const auditPage = pageOf('AuditPage', auditEntryDto);

export const auditVerificationDto = output(
  'AuditVerification',
  z.object({ intact: z.boolean(), entries: z.number().int(), brokenAt: z.number().int().nullable() }),
  { intact: true, entries: 1204, brokenAt: null },
);

export function auditEntryBody(entry: RecordedAuditEntry): z.output<typeof auditEntryDto> {
  const { number, actor, action, tenantId, object, from, answer, operationId, hash } = entry;
  return { number, at: time(entry.at), actor, action, tenantId, object, from, answer, operationId, hash };
}
