import path from 'node:path';
import { z } from 'zod';
import { sslModes, type Finding, type Pooler, type RouteDrift } from '@berth/domain';
import { dryRunQuery, input, nameField, output, time, timeField } from '../http/dto.js';
import { findingBody, findingDto } from '../operations/operation.dto.js';

export const poolerPath = z.strictObject({ poolerId: nameField });

const sslMode = z.enum(sslModes);

export const registerPoolerBody = input(
  'RegisterPooler',
  z.strictObject({
    id: nameField,
    host: z.string().regex(/^[A-Za-z0-9._:-]{1,255}$/),
    port: z.number().int().min(1).max(65_535).default(6432),
    sslMode: sslMode.default('verify-full').meta({ description: 'How Berth reaches its admin console.' }),
    ca: z
      .string()
      .max(100_000)
      .optional()
      .meta({ description: 'PEM of the authority that signed the pooler’s certificate.' }),
    folder: z
      .string()
      .regex(/^\/[\x20-\x7e]{1,500}$/)
      .transform((folder) => path.resolve(folder))
      .meta({ description: 'The folder that it reads Berth’s files from, as Berth’s own processes see it.' }),
    admin: z
      .strictObject({
        username: z.string().regex(/^[A-Za-z0-9_.-]{1,63}$/),
        password: z
          .string()
          .regex(/^[\x20-\x7e]{1,128}$/)
          .meta({ writeOnly: true }),
      })
      .meta({ description: 'One of its admin_users. It goes to the secret store and nowhere else.' }),
  }),
  {
    id: 'pool-1',
    host: 'pool-1.internal',
    port: 6432,
    sslMode: 'verify-full',
    folder: '/srv/pool-1/berth',
    admin: { username: 'berth_pooler', password: 'correct horse battery staple' },
  },
);
export type RegisterPooler = z.output<typeof registerPoolerBody>;

export const registerPoolerQuery = dryRunQuery;

const example = {
  id: 'pool-1',
  host: 'pool-1.internal',
  port: 6432,
  sslMode: 'verify-full',
  folder: '/srv/pool-1/berth',
  createdAt: '2026-11-26T20:00:00.000Z',
} as const;

export const poolerDto = output(
  'Pooler',
  z.object({
    id: z.string(),
    host: z.string(),
    port: z.number().int(),
    sslMode,
    folder: z.string(),
    createdAt: timeField,
  }),
  example,
);

export const poolerList = output('PoolerList', z.object({ items: z.array(poolerDto) }), { items: [] });

export const poolerRegistrationDto = output(
  'PoolerRegistration',
  z.object({
    pooler: poolerDto.nullable().meta({ description: 'Null in a dry run.' }),
    findings: z.array(findingDto).meta({ description: 'All that the checks found.' }),
  }),
  { pooler: null, findings: [] },
);

export const poolerReportDto = output(
  'PoolerReport',
  z.object({
    pooler: poolerDto,
    findings: z.array(findingDto).meta({ description: 'What its checks find now.' }),
    drift: z
      .array(z.object({ tenantId: z.string().nullable(), message: z.string() }))
      .nullable()
      .meta({ description: 'What the worker’s next round mends; null: it does not answer.' }),
  }),
  { pooler: example, findings: [], drift: [] },
);

export function poolerBody({ id, host, port, sslMode: mode, folder, createdAt }: Pooler): z.output<typeof poolerDto> {
  return { id, host, port, sslMode: mode, folder, createdAt: time(createdAt) };
}

export function poolerRegistrationBody(
  pooler: Pooler | null,
  findings: readonly Finding[],
): z.output<typeof poolerRegistrationDto> {
  return { pooler: pooler === null ? null : poolerBody(pooler), findings: findings.map(findingBody) };
}

export function poolerReportBody(
  pooler: Pooler,
  findings: readonly Finding[],
  drift: readonly RouteDrift[] | null,
): z.output<typeof poolerReportDto> {
  return {
    pooler: poolerBody(pooler),
    findings: findings.map(findingBody),
    drift: drift === null ? null : drift.map(({ tenantId, message }) => ({ tenantId, message })),
  };
}
