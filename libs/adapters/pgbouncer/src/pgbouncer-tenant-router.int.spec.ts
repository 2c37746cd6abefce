import {
  describeTenantRouterContract,
  pgbouncerPart,
  startPgBouncer,
  whenAvailable,
  type TestPgBouncer,
} from '@berth/testing';
import type { PoolerAccess } from '@berth/domain';
import pg from 'pg';
import { PgBouncerTenantRouter } from './pgbouncer-tenant-router.js';

/** A command on the console, past the adapter. */
async function command(access: PoolerAccess, text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { host, port, user, password } = access;
  const client = new pg.Client({ host, port, user, password, database: 'pgbouncer' });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

whenAvailable(pgbouncerPart, 'PgBouncer', () => {
  describeTenantRouterContract('of PgBouncer', async () => {
    const server: TestPgBouncer = await startPgBouncer();
    const { access } = server;
    return {
      router: new PgBouncerTenantRouter(),
      access,
      shown: async (alias) => {
        const rows = await command(access, 'SHOW DATABASES');
        const row = rows.find((one) => one['name'] === alias);
        if (row === undefined) return null;
        return { port: Number(row['port']), poolSize: Number(row['pool_size']), held: Number(row['paused']) === 1 };
      },
      holdByHand: async (alias) => void (await command(access, `PAUSE "${alias}"`)),
      kill: () => server.kill9(),
      restart: () => server.start(),
      loseFiles: () => server.loseFiles(),
      close: () => server.stop(),
    };
  });
});
