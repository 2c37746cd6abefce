import { createHash } from 'node:crypto';
import type { Place } from '@berth/domain';

/** What the server shows for the sessions of a dump or a restore; 63 bytes at most, so the schema's name is hashed. */
export function sessionName(kind: 'dump' | 'restore', { schema }: Place): string {
  return `berth-${kind}-${createHash('sha256').update(schema).digest('hex').slice(0, 16)}`;
}
