import { z } from 'zod';
import { type AnnouncedPlace, sslModes } from '@berth/domain';
import { output, time, timeField } from '../http/dto.js';

const addressSchema = z.object({
  host: z.string(),
  port: z.number().int(),
  database: z.string(),
  schema: z.string(),
  username: z.string(),
  sslmode: z.enum(sslModes),
  sslrootcert: z.string().optional().meta({ description: 'PEM of the authority to trust; absent: the public ones.' }),
  generation: z.number().int(),
});
const addressExample = {
  host: '10.0.0.12',
  port: 5432,
  database: 'tenants',
  schema: 'tenant_acme_corp',
  username: 'tenant_acme_corp__a',
  sslmode: 'verify-full' as const,
  generation: 1,
};

export const announcementListDto = output(
  'AnnouncementList',
  z.object({
    items: z
      .array(
        z.object({
          tenantId: z.string(),
          operationId: z.string(),
          from: addressSchema.meta({
            description: 'Where it is now. Who reaches it otherwise, by a pooler for example, has nothing to prepare.',
          }),
          to: addressSchema.meta({ description: 'Where it will be. The password is that of the present secret.' }),
          announcedAt: timeField,
        }),
      )
      .meta({ description: 'By tenant.' }),
  }),
  {
    items: [
      {
        tenantId: 'acme-corp',
        operationId: '0192f3a4-5b6c-7d8e-9f00-112233445566',
        from: addressExample,
        to: { ...addressExample, host: '10.0.0.47', generation: 2 },
        announcedAt: '2026-11-21T09:30:00.000Z',
      },
    ],
  },
);

type Address = z.output<typeof addressSchema>;

/** Each field is named, so that none slips in with a new one of the secret. */
const addressBody = (address: AnnouncedPlace['to']): Address => {
  const { host, port, database, schema, username, sslmode, sslrootcert, generation } = address;
  const authority = sslrootcert === undefined ? {} : { sslrootcert };
  return { host, port, database, schema, username, sslmode, ...authority, generation };
};

export function announcementListBody(places: readonly AnnouncedPlace[]): z.output<typeof announcementListDto> {
  return {
    items: places.map(({ tenantId, operationId, from, to, announcedAt }) => ({
      ...{ tenantId, operationId },
      ...{ from: addressBody(from), to: addressBody(to), announcedAt: time(announcedAt) },
    })),
  };
}
