import { z } from 'zod';
import { clientReportLifeMs, type ClientReport } from '@berth/domain';
import { input, output, time, timeField } from '../http/dto.js';

export const reportClientBody = input(
  'ReportClient',
  z.strictObject({
    client: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/)
      .max(100)
      .meta({ description: 'Its own name, unique within the tenant: of a pod, for example.', example: 'web-7f6b' }),
    username: z.string().min(1).max(63).meta({ description: 'Of the secret with which it works now.' }),
    generation: z.number().int().min(1),
    readyFor: z.number().int().min(1).optional().meta({
      description:
        'The generation of an announced place for which it has done what it could: its connections there are open. The switch waits for that, for some seconds.',
    }),
  }),
  { client: 'web-7f6b', username: 'tenant_acme_corp__b', generation: 1 },
);

const example = {
  client: 'web-7f6b',
  username: 'tenant_acme_corp__b',
  generation: 1,
  readyFor: null,
  firstSeenAt: '2026-11-21T09:30:00.000Z',
  lastSeenAt: '2026-11-21T09:40:00.000Z',
  expiresAt: '2026-11-21T09:45:00.000Z',
};

export const clientReportDto = output(
  'ClientReport',
  z.object({
    client: z.string(),
    username: z.string(),
    generation: z.number().int(),
    readyFor: z.number().int().nullable().meta({ description: 'The announced generation for which it is ready.' }),
    firstSeenAt: timeField,
    lastSeenAt: timeField,
    expiresAt: timeField.meta({ description: 'Who still works then has to have reported again.' }),
  }),
  example,
);

export const clientListDto = output(
  'ClientList',
  z.object({
    clients: z.array(clientReportDto).meta({ description: 'Who reported itself, by name.' }),
    sessions: z
      .array(z.object({ slot: z.enum(['a', 'b']), application: z.string(), sessions: z.number().int() }))
      .meta({ description: 'Who is logged in on the server now.' }),
  }),
  { clients: [example], sessions: [{ slot: 'b', application: 'web', sessions: 4 }] },
);

export function clientReportBody(report: ClientReport): z.output<typeof clientReportDto> {
  const { client, username, generation, readyFor, firstSeenAt, lastSeenAt } = report;
  const expiresAt = time(new Date(lastSeenAt.getTime() + clientReportLifeMs));
  return {
    client,
    username,
    generation,
    readyFor,
    firstSeenAt: time(firstSeenAt),
    lastSeenAt: time(lastSeenAt),
    expiresAt,
  };
}
