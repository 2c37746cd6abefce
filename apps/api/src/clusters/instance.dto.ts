import { z } from 'zod';
import type { InstanceReport } from '@berth/ports';
import { time, timeField } from '../http/dto.js';

const bytes = z.number().int();

/** What the provider of an instance that Berth made says about it. */
export const instanceDto = z.object({
  provider: z.string().meta({ description: 'For example `Amazon RDS`.' }),
  identifier: z.string().meta({ description: 'The provider’s own name of the instance.' }),
  status: z.string().meta({ description: 'In the provider’s words.' }),
  endpoint: z.string().nullable(),
  pending: z.array(z.string()).meta({ description: 'Changes that wait for the maintenance window or a restart.' }),
  storage: z.object({
    allocatedBytes: bytes,
    freeBytes: bytes.nullable().meta({ description: 'Null: not measured.' }),
    limitBytes: bytes.nullable().meta({ description: 'How far it grows by itself; null: it does not.' }),
  }),
  events: z
    .array(z.object({ at: timeField, message: z.string() }))
    .meta({ description: 'Of the last two weeks, newest first, ten at most.' }),
});

export function instanceBody({ events, pending, storage, ...rest }: InstanceReport): z.output<typeof instanceDto> {
  const freeBytes = storage.freeBytes === null ? null : Math.floor(storage.freeBytes);
  return {
    ...rest,
    pending: [...pending],
    storage: { ...storage, freeBytes },
    events: events.map(({ at, message }) => ({ at: time(at), message })),
  };
}
