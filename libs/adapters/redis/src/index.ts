export { needs, rulesFor } from './needs.js';
export { RedisServer, type ConnectionUse, type RedisServerOptions } from './redis-server.js';
