import { AsyncLocalStorage } from 'node:async_hooks';
import type { QueryResult, QueryResultRow } from 'pg';
import type { QueryOptions, Statement } from './statement.js';
import type { TenantClient } from './tenant-client.js';
import type { TransactionOptions } from './transaction.js';

/** What there is to be done with tenants. */
export interface TenantCalls {
  query<Row extends QueryResultRow>(
    tenantId: string,
    statement: string | Statement,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<QueryResult<Row>>;
  withTransaction<T>(
    tenantId: string,
    work: (client: TenantClient) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;
  withClient<T>(
    tenantId: string,
    work: (client: TenantClient) => Promise<T>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<T>;
}

/** One tenant: the same without its id in each call. */
export class Tenant {
  constructor(
    private readonly tenants: TenantCalls,
    readonly id: string,
  ) {}

  query<Row extends QueryResultRow = QueryResultRow>(
    statement: string | Statement,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<QueryResult<Row>> {
    return this.tenants.query<Row>(this.id, statement, values, options);
  }

  withTransaction<T>(work: (client: TenantClient) => Promise<T>, options?: TransactionOptions): Promise<T> {
    return this.tenants.withTransaction(this.id, work, options);
  }

  withClient<T>(work: (client: TenantClient) => Promise<T>, options?: { readonly signal?: AbortSignal }): Promise<T> {
    return this.tenants.withClient(this.id, work, options);
  }
}

const scope = new AsyncLocalStorage<Tenant>();

export function inScopeOf<T>(tenant: Tenant, work: () => T): T {
  return scope.run(tenant, work);
}

/** The tenant of the innermost `tenants.run`, also after any number of awaits. @throws an Error outside of one */
export function currentTenant(): Tenant {
  const tenant = scope.getStore();
  if (tenant === undefined) throw new Error('no tenant here: this runs outside of tenants.run()');
  return tenant;
}
