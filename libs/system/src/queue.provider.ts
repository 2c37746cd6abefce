import type { Provider } from '@nestjs/common';
import { BullmqJobQueue } from '@berth/bullmq';
import type { Config } from '@berth/config';
import { BerthError } from '@berth/domain';
import { JobQueue, RequestCounter } from '@berth/ports';
import { MemoryRequestCounter, SharedRequestCounter } from '@berth/rate-limiter';
import { RedisServer } from '@berth/redis';

/** The Redis of the configuration; null: none is. Whoever has it knows that it will do, or that it was away. */
abstract class ConfiguredRedis {
  abstract readonly server: RedisServer | null;
}

/** What lies on Redis where one is configured, and else does without. */
export function queueProviders(config: Config, onError: (error: Error) => void): Provider[] {
  const { BERTH_CATALOG_URL: postgresUrl } = config;
  return [
    { provide: ConfiguredRedis, useFactory: async () => ({ server: await redisFor(config, onError) }) },
    {
      provide: JobQueue,
      inject: [ConfiguredRedis],
      useFactory: ({ server: redis }: ConfiguredRedis) =>
        new BullmqJobQueue(redis === null ? { postgresUrl, onError } : { redis, onError }),
    },
    {
      provide: RequestCounter,
      inject: [ConfiguredRedis],
      useFactory: ({ server: redis }: ConfiguredRedis) =>
        redis === null ? new MemoryRequestCounter() : new SharedRequestCounter({ redis, onTrouble: onError }),
    },
  ];
}

/** @throws `redis-unfit`. One that is only away may come back: the API accepts operations without it. */
async function redisFor(config: Config, onError: (error: Error) => void): Promise<RedisServer | null> {
  const { BERTH_REDIS_URL: url, BERTH_REDIS_CA_FILE: caFile, BERTH_REDIS_PREFIX: prefix } = config;
  if (url === undefined) return null;
  const redis = await RedisServer.at({ url, prefix, ...(caFile !== undefined && { caFile }) });
  await redis.check().catch((error: unknown) => {
    if (!(error instanceof BerthError) || error.code !== 'queue-unavailable') throw error;
    onError(error);
  });
  return redis;
}
