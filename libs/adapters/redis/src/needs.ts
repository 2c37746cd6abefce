/** The oldest server on which BullMQ works well by its own account. */
export const oldestVersion = '6.2';

/** What our user has to be allowed, as the words of `ACL SETUSER`. */
export const rulesFor = (prefix: string): string =>
  `~${prefix}:* -@all +@read +@write +@scripting +@connection +@transaction -@dangerous +info +time`;

/**
 * Every command that the queue and the counters send, or run in their scripts, complete and on a key of ours. A server holds each
 * one of a transaction against the user's rights before it queues it, so that asking runs none of them.
 */
export const needs = (prefix: string): readonly (readonly [name: string, ...args: string[]])[] =>
  samples
    .trim()
    .split(/\s*[|\n]\s*/)
    .map((line) => line.replaceAll('K', `${prefix}:probe`).split(' ') as [string, ...string[]]);

const samples = `
info | time | eval return 1 K | evalsha 0 1 K | type K | exists K | del K | unlink K | rename K K
persist K | expire K 1 | pexpire K 1 | pexpireat K 1 | pttl K | get K | set K 1 | incr K | incrby K 1
hget K 1 | hmget K 1 | hgetall K | hexists K 1 | hlen K | hset K 1 1 | hmset K 1 1 | hdel K 1 | hincrby K 1 1
llen K | lindex K 0 | lpos K 1 | lrange K 0 1 | lset K 0 1 | lpush K 1 | rpush K 1 | lpop K | rpop K | rpoplpush K K
lrem K 0 1 | ltrim K 0 1 | sadd K 1 | srem K 1 | scard K | sismember K 1 | smembers K
zadd K 1 1 | zrem K 1 | zcard K | zscore K 1 | zcount K 0 1 | zlexcount K - + | zrange K 0 1 | zrevrange K 0 1
zrangebylex K - + | zrangebyscore K 0 1 | zrevrangebyscore K 1 0 | zremrangebyrank K 0 1 | zremrangebyscore K 0 1
zpopmin K | bzpopmin K 1 | xadd K * 1 1 | xdel K 1-1 | xlen K | xrange K - + | xread STREAMS K 0 | xtrim K MAXLEN 1
`;
