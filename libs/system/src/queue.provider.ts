import { BullmqJobQueue } from '@berth/bullmq';
import type { Config } from '@berth/config';
import { BerthError } from '@berth/domain';
import type { JobQueue, RequestCounter } from '@berth/ports';
import { MemoryRequestCounter, SharedRequestCounter } from '@berth/rate-limiter';
import { RedisServer } from '@berth/redis';

type Tell = (error: Error) => void;

/** The Redis of the configuration, if there is one: it will do, or it was away when it was asked. */
export abstract class ConfiguredRedis {
  abstract readonly server: RedisServer | null;
}

/** @throws `redis-unfit`. One that is only away may come back: the API accepts operations without it. */
export async function redisFor(config: Config, onTrouble: Tell): Promise<ConfiguredRedis> {
  const { BERTH_REDIS_URL: url, BERTH_REDIS_CA_FILE: caFile, BERTH_REDIS_PREFIX: prefix } = config;
  if (url === undefined) return { server: null };
  const server = await RedisServer.at({ url, prefix, ...(caFile !== undefined && { caFile }) });
  await server.check().catch((error: unknown) => {
    if (!(error instanceof BerthError) || error.code !== 'queue-unavailable') throw error;
    onTrouble(error);
  });
  return { server };
}

export function jobQueueFor(config: Config, { server: redis }: ConfiguredRedis, onError: Tell): JobQueue {
  return new BullmqJobQueue(redis === null ? { postgresUrl: config.BERTH_CATALOG_URL, onError } : { redis, onError });
}

export function requestCounterFor({ server: redis }: ConfiguredRedis, onTrouble: Tell): RequestCounter {
  return redis === null ? new MemoryRequestCounter() : new SharedRequestCounter({ redis, onTrouble });
}
