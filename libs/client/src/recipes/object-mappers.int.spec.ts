// Recipes to copy: how object mappers work through the client. docs/client-library.md explains them.
import { ClientTenants } from '@berth/testing';
import { eq } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable, serial, text } from 'drizzle-orm/pg-core';
import type pg from 'pg';
import { DataSource, type EntityManager, EntitySchema } from 'typeorm';
import { createTenants, type TenantClient, type Tenants } from '../index.js';

// --- Drizzle: a database over the client of each transaction.

const items = pgTable('item', { id: serial('id').primaryKey(), name: text('name').notNull() });

function withDrizzle<T>(tenants: Tenants, tenantId: string, work: (db: NodePgDatabase) => Promise<T>): Promise<T> {
  return tenants.withTransaction(tenantId, (client) => work(drizzle({ client: client as unknown as pg.Client })));
}

// --- TypeORM: the entities once for all tenants, an EntityManager over the client of each transaction.

interface Item {
  id: number;
  name: string;
}
const itemEntity = new EntitySchema<Item>({
  name: 'Item',
  tableName: 'item',
  columns: { id: { type: 'int', primary: true, generated: 'increment' }, name: { type: 'text' } },
});

/** TypeORM asks a server for its version when it starts: any tenant's. Later it has no connection of its own. */
function entitiesBy(tenants: Tenants, anyTenant: string): Promise<DataSource> {
  return tenants.withClient(anyTenant, (client) => {
    const session = { query: client.query, on: () => undefined, removeListener: () => undefined };
    class Pool {
      on(): void {}
      connect(done: (error: undefined, connection: object, release: () => void) => void): void {
        done(undefined, session, () => undefined);
      }
      end(done: () => void): void {
        done();
      }
    }
    return new DataSource({ type: 'postgres', driver: { Pool }, entities: [itemEntity] }).initialize();
  });
}

function withManager<T>(
  tenants: Tenants,
  dataSource: DataSource,
  tenantId: string,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  return tenants.withTransaction(tenantId, (client) => work(managerOver(dataSource, client)));
}

/** A transaction is open already, so TypeORM's own ones become savepoints in it. */
function managerOver(dataSource: DataSource, client: TenantClient): EntityManager {
  const runner = dataSource.createQueryRunner();
  Object.assign(runner, { databaseConnection: client, isTransactionActive: true, transactionDepth: 1 });
  return dataSource.createEntityManager(runner);
}

describe('object mappers through the client', () => {
  let here: ClientTenants;
  let tenants: Tenants;
  beforeAll(async () => {
    here = await ClientTenants.start();
    await here.add('acme');
    await here.add('bolt');
    tenants = createTenants({ placement: here.source });
  });
  afterAll(async () => {
    await tenants?.close();
    await here?.stop();
  });

  const namesOf = async (tenantId: string) =>
    (await tenants.query<{ name: string }>(tenantId, 'SELECT name FROM item ORDER BY id')).rows.map(({ name }) => name);
  /** The first attempt loses its session in the middle. */
  const failsOnce = () => {
    let runs = 0;
    return async () => {
      if ((runs += 1) === 1)
        await here.psql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'tenant_acme%'`);
    };
  };

  it('Drizzle writes and reads each tenant’s own rows, and is repeated when the session is lost', async () => {
    const disturb = failsOnce();
    const row = await withDrizzle(tenants, 'acme', async (db) => {
      const [made] = await db.insert(items).values({ name: 'by Drizzle' }).returning();
      await disturb();
      return (
        await db
          .select()
          .from(items)
          .where(eq(items.id, made?.id ?? 0))
      )[0];
    });
    expect(row).toMatchObject({ name: 'by Drizzle' });
    expect([await namesOf('acme'), await namesOf('bolt')]).toEqual([['acme', 'by Drizzle'], ['bolt']]);
    const failing = withDrizzle(tenants, 'acme', (db) => db.insert(items).values({ name: 'acme' }));
    await expect(failing).rejects.toMatchObject({ cause: { code: '23505' } });
  });

  it('TypeORM writes and reads each tenant’s own rows, its own transactions as savepoints, and is repeated too', async () => {
    const dataSource = await entitiesBy(tenants, 'bolt');
    const disturb = failsOnce();
    await withManager(tenants, dataSource, 'acme', async (manager) => {
      const repository = manager.getRepository(itemEntity);
      await repository.save({ name: 'by TypeORM' });
      await disturb();
      const inner = manager.transaction(async (nested) => {
        await nested.getRepository(itemEntity).save({ name: 'taken back' });
        throw new Error('no');
      });
      await expect(inner).rejects.toThrow('no');
      expect(await repository.findOneBy({ name: 'by TypeORM' })).toMatchObject({ name: 'by TypeORM' });
    });
    expect(await namesOf('acme')).toEqual(expect.arrayContaining(['acme', 'by TypeORM']));
    expect(await namesOf('acme')).not.toContain('taken back');
    expect(await namesOf('bolt')).toEqual(['bolt']);
    // Whoever goes past withManager meets no tenant at all.
    await expect(dataSource.getRepository(itemEntity).find()).rejects.toThrow(/after its function had ended/);
  });
});
