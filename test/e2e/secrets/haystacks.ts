import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestPostgres, TestRedis } from '@berth/testing';

const run = promisify(execFile);
const maxBuffer = 1 << 28;

/** How a secret may be written: as it is, in a URL, in JSON, and in the encodings that hide it from a hasty look. */
export function spellingsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  // Base64 of a longer text holds this one in three ways, by where it begins; the outermost characters depend on its neighbours.
  const inside = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
      .slice(before === 0 ? 0 : before + 1, -2),
  );
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), bytes.toString('hex'), ...inside];
}

/** Every schema of a database as text: the catalog, its queue, and the state that Terraform keeps there. */
export async function dumpOf(server: TestPostgres, database: URL): Promise<string> {
  const { user, password } = server.superuser;
  const args = ['-h', server.host, '-p', String(server.port), '-U', user, '--inserts', database.pathname.slice(1)];
  const { stdout } = await run(path.join(server.bin, 'pg_dump'), args, { env: { PGPASSWORD: password }, maxBuffer });
  return stdout;
}

/** Every key with what it holds, as Redis itself serializes it. */
export async function redisContent(redis: TestRedis): Promise<string> {
  const keys = (await redis.cli('KEYS', '*')).split('\n').filter((key) => key !== '');
  const script = `
    local kind = redis.call('TYPE', KEYS[1]).ok
    if kind == 'string' then return { redis.call('GET', KEYS[1]) } end
    if kind == 'hash' then return redis.call('HGETALL', KEYS[1]) end
    if kind == 'list' then return redis.call('LRANGE', KEYS[1], 0, -1) end
    if kind == 'set' then return redis.call('SMEMBERS', KEYS[1]) end
    if kind == 'zset' then return redis.call('ZRANGE', KEYS[1], 0, -1) end
    return { cjson.encode(redis.call('XRANGE', KEYS[1], '-', '+')) }`;
  const contents = await Promise.all(keys.map(async (key) => `${key}\n${await redis.cli('EVAL', script, '1', key)}`));
  return contents.join('\n');
}

/** All files below a folder, the insides of PostgreSQL servers aside: those hold verifiers, and the tenants' own rows. */
export async function filesUnder(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = names.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const texts = files
    .filter((file) => !/\/data\/(base|global|pg_[a-z_]+)\//.test(file))
    .map(async (file) => `${file}\n${await readFile(file, 'latin1').catch(() => '')}`);
  return (await Promise.all(texts)).join('\n');
}
