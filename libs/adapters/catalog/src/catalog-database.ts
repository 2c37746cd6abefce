import { standstillMs } from '@berth/domain';
import type { Pool } from 'pg';
import { DataSource, type DataSourceOptions, type EntityManager, type QueryRunner } from 'typeorm';
import { impatientSession } from './catalog-session.js';
import { clusterEntity } from './cluster.entity.js';
import { migrations } from './migrations/index.js';
import { planEntity } from './plan.entity.js';
import { translateError } from './translate-error.js';

export interface CatalogOptions {
  /** `postgresql://user:password@host:port/database` */
  readonly url: string;
  /** Connections of this process at most. */
  readonly poolSize?: number;
  /**
   * How long a statement may take until its connection is given up. Default 30 s: thirty times what the slowest question takes with
   * 100,000 tenants, and half of what a worker may be stuck before somebody notices. Null: for ever.
   */
  readonly answerMs?: number | null;
}

export async function connect(options: CatalogOptions): Promise<DataSource> {
  try {
    return await new DataSource(dataSourceOptions(options)).initialize();
  } catch (error) {
    throw translateError(error);
  }
}

export function dataSourceOptions({ url, poolSize = 10, answerMs = 30_000 }: CatalogOptions): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    schema: 'berth',
    applicationName: 'berth',
    entities: [planEntity, clusterEntity],
    migrations: [...migrations],
    migrationsTableName: 'catalog_migrations',
    synchronize: false,
    logging: false,
    installExtensions: false,
    // A migration holds one connection for its lock and one for its work.
    poolSize: Math.max(2, poolSize),
    // An idle connection that the server ended: the pool replaces it, and the next statement reports what is wrong.
    poolErrorHandler: () => undefined,
    extra: {
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      idle_in_transaction_session_timeout: standstillMs,
      ...(answerMs !== null && { Client: impatientSession(answerMs) }),
    },
  };
}

/**
 * Counts each given state by its own range of an index that begins with the state: of a big table, a grouped count would
 * read every row.
 */
export function countStates(table: 'tenants' | 'operations'): string {
  return /* sql */ `
    SELECT s.state, (SELECT count(*) FROM berth.${table} t WHERE t.state = s.state) AS count
    FROM unnest($1::text[]) AS s (state)
  `;
}

/** Statements inside one transaction, or each in its own. */
export interface Statements {
  rows<Row>(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  one<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row | null>;
}

/** The catalog's connections, with errors translated at this edge and nowhere else. */
export class CatalogDatabase implements Statements {
  constructor(readonly source: DataSource) {}

  /** A statement of its own goes straight to TypeORM's pool: its query runner would cost a quarter of a small read. */
  async rows<Row>(sql: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    try {
      const { rows } = await poolOf(this.source).query(sql, [...parameters]);
      return rows as readonly Row[];
    } catch (error) {
      throw translateError(error);
    }
  }

  async one<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row | null> {
    return (await this.rows<Row>(sql, parameters))[0] ?? null;
  }

  async transaction<T>(work: (statements: Statements, manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.source.transaction((manager) => {
        if (manager.queryRunner === undefined) throw new Error('a transaction without a connection');
        return work(statementsOn(manager.queryRunner), manager);
      });
    } catch (error) {
      throw translateError(error);
    }
  }

  /** Entities, for the small tables in which a row is just a row. */
  async entities<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await work(this.source.manager);
    } catch (error) {
      throw translateError(error);
    }
  }

  async close(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }
}

/** The driver's `pg` pool, which TypeORM leaves untyped. */
function poolOf(source: DataSource): Pool {
  return (source.driver as unknown as { readonly master: Pool }).master;
}

function statementsOn(runner: QueryRunner): Statements {
  const rows = async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> => {
    // The structured form: the plain one answers in another shape for UPDATE and DELETE.
    const result = await runner.query(sql, [...parameters], true);
    return result.records as readonly Row[];
  };
  return {
    rows,
    one: async <Row>(sql: string, parameters?: readonly unknown[]) => (await rows<Row>(sql, parameters))[0] ?? null,
  };
}
