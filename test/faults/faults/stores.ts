import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { freshTenantId } from '../../crash/world.js';
import { eventually, queueOnPostgres } from '../../e2e/worker-world.js';
import type { FaultWorld } from '../fault-world.js';
import type { Fault } from '../fault.js';

/** The workers' queue; that of who asks stays on PostgreSQL, so they hear of operations by their sweep alone. */
export const onRedis = ({ lines: { redis } }: FaultWorld) => ({
  BERTH_REDIS_URL: `redis://127.0.0.1:${String(redis.port)}`,
});

export const ofQueues: readonly Fault[] = [
  {
    name: 'Redis is emptied',
    moment: 'just before the pivot',
    environment: onRedis,
    strike: async ({ parts: { redis } }) => void (await redis.cli('FLUSHALL')),
  },
  {
    name: 'Redis is killed -9',
    moment: 'just before the pivot',
    environment: onRedis,
    strike: ({ parts: { redis } }) => redis.kill9(),
    mend: async ({ here, parts: { redis } }, { moveId }) => {
      try {
        // Who runs needs no queue to end.
        await here.ended(moveId);
      } finally {
        await redis.start();
      }
    },
  },
  {
    name: 'the tables of the queue are emptied',
    moment: 'just before the pivot',
    strike: async ({ here }) => (await queueOnPostgres()).loseEverything(here),
  },
];

export const ofParts: readonly Fault[] = [
  {
    name: 'Vault is sealed, and restarted',
    moment: 'just before the pivot',
    strike: ({ parts: { vault } }) => vault.seal(),
    mend: async (system, ten) => {
      const { vault } = system.parts;
      try {
        await system.here.until(ten.moveId, ({ error }) => error?.code === 'secrets-unavailable');
      } finally {
        await vault.kill9();
        await vault.run();
      }
    },
  },
  {
    name: 'one of two PgBouncers is killed -9',
    moment: 'just before the pivot',
    strike: ({ parts: { poolers } }) => poolers[1]!.kill9(),
    mend: async ({ here, parts: { poolers } }, { moveId }) => {
      try {
        // Nobody waits for it: it reads its files when it starts.
        await here.ended(moveId);
      } finally {
        await poolers[1]!.start();
      }
    },
  },
  {
    name: 'Terraform is killed -9 in the middle of an apply',
    moment: 'ready to switch',
    async strike({ world, parts }, ten) {
      const tenantId = freshTenantId();
      const plan = await world.planOfTier('dedicated');
      const request = { kind: 'provision-tenant', tenantId, plan, constraints: { labels: {} } } as const;
      ten.add((await world.desk.start(request, 'test')).id, tenantId);
      const clusterId = `dedicated-${tenantId}-g1`;
      const note = path.join(parts.terraformFolder, clusterId, 'running.json');
      // It makes the instance's folder by itself: when that is there, it applies.
      await eventually(async () => {
        await access(path.join(world.config.BERTH_INSTANCES_DIR, clusterId));
        const { process: run } = JSON.parse(await readFile(note, 'utf8')) as {
          readonly process: { readonly pid: number };
        };
        process.kill(run.pid, 'SIGKILL');
        return true;
      });
    },
    async afterwards({ world }, ten) {
      const made = await world.operation(ten.ids.at(-1) ?? '');
      expect(made).toMatchObject({ kind: 'provision-tenant', state: 'succeeded' });
    },
  },
];
