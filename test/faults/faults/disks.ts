import type { TenantId } from '@berth/domain';
import pg from 'pg';
import { secretOf } from '../../crash/tenant-data.js';
import type { Fault } from '../fault.js';
import type { FaultWorld } from '../fault-world.js';

/** More than a full disk has room for; of no pattern, or PostgreSQL would make it small. */
const megabytes = 8;
const ballast = `
  CREATE TABLE cargo (n int PRIMARY KEY, what text);
  INSERT INTO cargo SELECT n, (SELECT string_agg(md5(random()::text || n || m), '') FROM generate_series(1, 32) m)
  FROM generate_series(1, ${String(megabytes * 1024)}) n`;

async function load({ world }: FaultWorld, tenantId: TenantId): Promise<void> {
  const client = new pg.Client({ connectionString: (await secretOf(world, tenantId)).url });
  await client.connect();
  await client.query(ballast);
  await client.end();
}

export const ofDisks: readonly Fault[] = [
  {
    name: 'the disk of the target is full',
    moment: 'ready to switch',
    prepare: (system, [, relocated]) => load(system, relocated!),
    strike: async ({ disk }) => disk?.fill(),
    async mend({ here, disk }, { relocation }) {
      try {
        await here.ended(relocation);
      } finally {
        await disk?.empty();
      }
    },
    async afterwards({ world }, { relocation }) {
      expect(await world.operation(relocation)).toMatchObject({ state: 'failed', error: { code: 'disk-full' } });
    },
  },
];
