import { z } from 'zod';
import { sslModes, tiers, type Cluster } from '@berth/domain';
import type { ClusterLoad } from '@berth/ports';
import { dryRunQuery, flagField, input, labelsField, nameField, output, time, timeField } from '../http/dto.js';
import { authorityBody, authorityDto, authorityField, caIsChecked } from './certificate-authority.js';
import { findingBody, findingDto } from '../operations/operation.dto.js';
import type { Finding } from '@berth/domain';
import type { InstanceReport } from '@berth/ports';
import { instanceBody, instanceDto } from './instance.dto.js';

export const clusterPath = z.strictObject({ clusterId: nameField });

const maxTenants = z
  .number()
  .int()
  .min(0)
  .max(1_000_000)
  .nullable()
  .meta({ description: 'Most tenants placed here; null: no limit.' });
const maxOperations = z
  .number()
  .int()
  .min(1)
  .max(1000)
  .meta({ description: 'Most operations that run on it at the same time.' });

const streamsLogin = z
  .strictObject({
    username: z.string().min(1).max(63),
    password: z.string().min(1).max(1000).meta({ writeOnly: true }),
  })
  .meta({
    description:
      'A superuser, or on Amazon RDS the master: by it, and by nobody else, streams are made on PostgreSQL 15, or from and to it. It goes to the secret store, as a secret of its own.',
  });

export const registerClusterBody = input(
  'RegisterCluster',
  z
    .strictObject({
      id: nameField,
      tier: z.enum(tiers).default('shared'),
      host: z.string().regex(/^[A-Za-z0-9._:-]{1,255}$/),
      port: z.number().int().min(1).max(65_535).default(5432),
      sslMode: z.enum(sslModes).default('verify-full'),
      ca: authorityField.optional(),
      database: z
        .string()
        .regex(/^[a-z_][a-z0-9_]*$/)
        .max(63)
        .default('tenants')
        .meta({ description: 'The database that holds the tenants’ schemas; made when it is not there.' }),
      labels: labelsField.default({}),
      maxTenants: maxTenants.default(null),
      maxOperations: maxOperations.default(4),
      extensions: z
        .array(
          z
            .string()
            .regex(/^[a-z][a-z0-9_-]*$/)
            .max(63),
        )
        .max(50)
        .default([])
        .meta({ description: 'Extensions that the product’s migrations use: it is checked that they are there.' }),
      admin: z
        .strictObject({
          username: z.string().min(1).max(63),
          password: z.string().min(1).max(1000).meta({ writeOnly: true }),
        })
        .meta({
          description:
            'A login with CREATEROLE and CREATEDB, not a superuser. It goes to the secret store and nowhere else.',
        }),
      streams: streamsLogin.optional(),
    })
    .refine(caIsChecked, { path: ['ca'], message: 'is checked with the ssl modes verify-ca and verify-full only' })
    .meta({ dependentSchemas: { ca: { properties: { sslMode: { enum: ['verify-ca', 'verify-full'] } } } } }),
  {
    id: 'shared-1',
    host: 'db-1.internal',
    port: 5432,
    sslMode: 'verify-full',
    labels: { region: 'eu-central-1' },
    maxTenants: 2000,
    extensions: ['citext'],
    admin: { username: 'berth_admin', password: 'correct horse battery staple' },
  },
);
export type RegisterCluster = z.output<typeof registerClusterBody>;

export const registerClusterQuery = dryRunQuery;

export const patchClusterBody = input(
  'ChangeCluster',
  z
    .strictObject({
      labels: labelsField.optional(),
      maxTenants: maxTenants.optional(),
      maxOperations: maxOperations.optional(),
      sslMode: z.enum(sslModes).optional(),
      ca: authorityField.nullable().optional(),
      streams: streamsLogin.nullable().optional(),
    })
    .refine((change) => Object.keys(change).length > 0, 'names nothing to change')
    .meta({ minProperties: 1 }),
  { maxTenants: 3000 },
);

export const clusterListQuery = z.strictObject({
  load: flagField('Also asks each server for its load; one that does not answer in 2 s has none.'),
});

const loadDto = z.object({
  bytes: z.number().meta({ description: 'Size of the tenants’ database.' }),
  sessions: z.number().int().meta({ description: 'Connections that are used.' }),
  maxSessions: z.number().int().meta({ description: 'Connections there are, without those kept for superusers.' }),
  schemas: z.number().int(),
});

export const clusterDto = output(
  'Cluster',
  z.object({
    id: z.string(),
    tier: z.enum(tiers),
    state: z.enum(['active', 'cordoned', 'retired']),
    host: z.string(),
    port: z.number().int(),
    sslMode: z.enum(sslModes),
    authority: authorityDto
      .nullable()
      .meta({ description: 'Who signs its certificates; null: the public authorities.' }),
    database: z.string(),
    postgresMajor: z.number().int(),
    labels: z.record(z.string(), z.string()),
    maxTenants: z.number().int().nullable(),
    maxOperations: z.number().int(),
    managed: z.boolean().meta({ description: 'True: Berth made the instance itself.' }),
    streamsLogin: z.boolean().nullable().meta({
      description:
        'Whether a login for streams is kept; null: not asked for, as in a list, or the secret store did not answer.',
    }),
    version: z.number().int(),
    createdAt: timeField,
    tenants: z.number().int().meta({ description: 'Live placements.' }),
    room: z.number().int().nullable().meta({ description: 'Tenants that still fit; null: no limit.' }),
    load: loadDto.nullable().meta({ description: 'Null: not asked for, or the server did not answer.' }),
    instance: instanceDto.nullable().meta({
      description: 'What its provider says; null: not asked for, there is none, or it did not answer.',
    }),
  }),
  {
    id: 'shared-1',
    tier: 'shared',
    state: 'active',
    host: 'db-1.internal',
    port: 5432,
    sslMode: 'verify-full',
    authority: null,
    database: 'tenants',
    postgresMajor: 16,
    labels: { region: 'eu-central-1' },
    maxTenants: 2000,
    maxOperations: 4,
    managed: false,
    streamsLogin: false,
    version: 1,
    createdAt: '2026-11-21T09:30:00.000Z',
    tenants: 120,
    room: 1880,
    load: { bytes: 9_000_000_000, sessions: 40, maxSessions: 400, schemas: 120 },
    instance: null,
  },
);
export type ClusterBody = z.output<typeof clusterDto>;

export const clusterList = output('ClusterList', z.object({ items: z.array(clusterDto) }), { items: [] });

export const registrationDto = output(
  'ClusterRegistration',
  z.object({
    cluster: clusterDto.nullable().meta({ description: 'Null in a dry run.' }),
    findings: z.array(findingDto).meta({ description: 'All that the checks found.' }),
    changes: z.array(z.string()).meta({ description: 'What was done to ready the server.' }),
  }),
  { cluster: null, findings: [], changes: [] },
);

export function clusterBody(
  cluster: Cluster,
  tenants: number,
  load: ClusterLoad | null = null,
  instance: InstanceReport | null = null,
  streamsLogin: boolean | null = null,
): ClusterBody {
  const {
    id,
    tier,
    state,
    host,
    port,
    sslMode,
    database,
    postgresMajor,
    labels,
    maxTenants: most,
    managed,
    version,
  } = cluster;
  return {
    ...{ id, tier, state, host, port, sslMode, database, postgresMajor, managed, streamsLogin, version, tenants, load },
    instance: instance === null ? null : instanceBody(instance),
    authority: authorityBody(cluster.ca),
    labels: { ...labels },
    maxTenants: most,
    maxOperations: cluster.maxOperations,
    createdAt: time(cluster.createdAt),
    room: most === null ? null : Math.max(0, most - tenants),
  };
}

export function registrationBody(
  cluster: Cluster | null,
  findings: readonly Finding[],
  changes: readonly string[],
): z.output<typeof registrationDto> {
  return {
    cluster: cluster === null ? null : clusterBody(cluster, 0),
    findings: findings.map(findingBody),
    changes: [...changes],
  };
}
