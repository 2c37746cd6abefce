import { BerthError, placeOf, type Pooler, type SslMode, type TenantId } from '@berth/domain';
import { PoolerCatalog, type RoutableTenant } from '@berth/ports';
import type { CatalogDatabase } from './catalog-database.js';
import { busy, limitTheWait, type PoolerLocks } from './pooler-locks.js';

interface PoolerRow {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly ssl_mode: SslMode;
  readonly folder: string;
  readonly created_at: Date;
}

interface RoutableRow {
  readonly tenant_id: TenantId;
  readonly cluster_id: string;
  readonly database_name: string;
  readonly schema_name: string;
  readonly owner_role: string;
  readonly login_a: string;
  readonly login_b: string;
  readonly connection_limit: number;
  readonly host: string;
  readonly port: number;
}

const insert = /* sql */ `
  INSERT INTO berth.poolers (id, host, port, ssl_mode, folder) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
`;

const routable = /* sql */ `
  SELECT p.tenant_id, p.cluster_id, p.database_name, p.schema_name, p.owner_role, p.login_a, p.login_b,
    n.connection_limit, c.host, c.port
  FROM berth.tenants t
  JOIN berth.placements p ON p.tenant_id = t.id AND p.state = 'current'
  JOIN berth.plans n ON n.name = t.plan
  JOIN berth.clusters c ON c.id = p.cluster_id
  WHERE t.state = 'ready' AND t.id > $1
  ORDER BY t.id LIMIT $2
`;

const atWork = `SELECT tenant_id FROM berth.operations WHERE state IN ('running', 'undoing')`;

export class SqlPoolerCatalog extends PoolerCatalog {
  constructor(
    private readonly database: CatalogDatabase,
    private readonly locks: PoolerLocks,
  ) {
    super();
  }

  async get(id: string): Promise<Pooler | null> {
    const row = await this.database.one<PoolerRow>('SELECT * FROM berth.poolers WHERE id = $1', [id]);
    return row === null ? null : poolerOf(row);
  }

  async list(): Promise<readonly Pooler[]> {
    return (await this.database.rows<PoolerRow>('SELECT * FROM berth.poolers ORDER BY id')).map(poolerOf);
  }

  async add(pooler: Omit<Pooler, 'createdAt'>): Promise<Pooler> {
    const { id, host, port, sslMode, folder } = pooler;
    await this.database.rows(insert, [id, host, port, sslMode, folder]);
    const present = await this.get(id);
    if (present !== null && factsOf(present) === factsOf(pooler)) return present;
    const why = present === null ? `Another pooler has the folder ${folder}.` : `There is a pooler ${id} already.`;
    throw new BerthError('pooler-exists', why, {
      hint: 'Choose another id or folder, or remove the pooler there is: berth poolers list',
    });
  }

  async remove(id: string): Promise<void> {
    await this.database.transaction(async (statements) => {
      await statements.rows(limitTheWait);
      await statements.rows('DELETE FROM berth.poolers WHERE id = $1', [id]).catch(busy(id));
    });
  }

  exclusively<T>(id: string, work: () => Promise<T>): Promise<T> {
    return this.locks.exclusively(id, work);
  }

  async atWork(): Promise<ReadonlySet<TenantId>> {
    const rows = await this.database.rows<{ readonly tenant_id: TenantId }>(atWork);
    return new Set(rows.map(({ tenant_id: id }) => id));
  }

  async routable(after: TenantId | null, limit: number): Promise<readonly RoutableTenant[]> {
    return (await this.database.rows<RoutableRow>(routable, [after ?? '', limit])).map(routableOf);
  }
}

function poolerOf({ id, host, port, ssl_mode: sslMode, folder, created_at: createdAt }: PoolerRow): Pooler {
  return { id, host, port, sslMode, folder, createdAt };
}

function routableOf(row: RoutableRow): RoutableTenant {
  const place = {
    ...placeOf(row.tenant_id, row.cluster_id, row.database_name),
    schema: row.schema_name,
    ownerRole: row.owner_role,
    loginRoles: { a: row.login_a, b: row.login_b },
  };
  return { place, connectionLimit: row.connection_limit, host: row.host, port: row.port };
}

const factsOf = ({ host, port, sslMode, folder }: Omit<Pooler, 'createdAt'>): string =>
  JSON.stringify([host, port, sslMode, folder]);
