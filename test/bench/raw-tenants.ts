import { randomBytes } from 'node:crypto';
import { placeOf, scramVerifier, serviceRole, type Place, type TenantId, type TenantLimits } from '@berth/domain';
import { Pool } from 'pg';

/** One product's first migration: ten tables as a small shop has them, with keys, references and indexes. */
export const tenTables = [
  `CREATE TABLE account (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL UNIQUE, name text NOT NULL, created_at timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE team (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, owner_id bigint NOT NULL REFERENCES account)`,
  `CREATE TABLE team_member (team_id bigint NOT NULL REFERENCES team, account_id bigint NOT NULL REFERENCES account, role text NOT NULL, PRIMARY KEY (team_id, account_id))`,
  `CREATE TABLE product (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sku text NOT NULL UNIQUE, title text NOT NULL, price numeric(12, 2) NOT NULL CHECK (price >= 0))`,
  `CREATE TABLE customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, country char(2), details jsonb NOT NULL DEFAULT '{}')`,
  `CREATE TABLE purchase (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer, placed_at timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE purchase_line (purchase_id bigint NOT NULL REFERENCES purchase, product_id bigint NOT NULL REFERENCES product, quantity int NOT NULL, PRIMARY KEY (purchase_id, product_id))`,
  `CREATE TABLE invoice (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, purchase_id bigint NOT NULL REFERENCES purchase, total numeric(12, 2) NOT NULL, paid_at timestamptz)`,
  `CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subject text NOT NULL, body text NOT NULL, written_at timestamptz NOT NULL DEFAULT now())`,
  `CREATE TABLE setting (name text PRIMARY KEY, value jsonb NOT NULL)`,
  `CREATE INDEX ON purchase (customer_id, placed_at)`,
  `CREATE INDEX ON note (written_at)`,
].join(';\n');

/** The anchor: the very roles, grants, schema and tables of a tenant, written out by hand, one transaction and one message each. */
export class RawTenants {
  readonly #pool: Pool;
  readonly verifier = scramVerifier(randomBytes(24).toString('base64url'));

  constructor(
    url: string,
    private readonly concurrency: number,
    private readonly limits: TenantLimits,
  ) {
    this.#pool = new Pool({ connectionString: url, max: concurrency });
  }

  /** Seconds for all of them. The verifier is made before the clock starts. */
  async create(places: readonly Place[]): Promise<number> {
    const messages = places.map((place) => this.statements(place).join(';\n'));
    const began = performance.now();
    await Promise.all(
      Array.from({ length: this.concurrency }, async () => {
        for (let message = messages.pop(); message !== undefined; message = messages.pop()) {
          await this.#pool.query(message);
        }
      }),
    );
    return (performance.now() - began) / 1000;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  private statements({ ownerRole, loginRoles, schema }: Place): readonly string[] {
    const { connectionLimit, statementTimeoutMs, idleInTransactionTimeoutMs } = this.limits;
    const login = loginRoles.a;
    const defaults = `ALTER DEFAULT PRIVILEGES FOR ROLE ${ownerRole} IN SCHEMA ${schema} GRANT`;
    return [
      'BEGIN',
      `CREATE ROLE ${ownerRole} NOLOGIN`,
      `GRANT ${ownerRole} TO CURRENT_USER`,
      `CREATE ROLE ${login} LOGIN CONNECTION LIMIT ${String(connectionLimit === 0 ? -1 : connectionLimit)} PASSWORD '${this.verifier}'`,
      `ALTER ROLE ${login} SET role = '${ownerRole}'`,
      `ALTER ROLE ${login} SET search_path = ${schema}`,
      `ALTER ROLE ${login} SET statement_timeout = ${String(statementTimeoutMs)}`,
      `ALTER ROLE ${login} SET idle_in_transaction_session_timeout = ${String(idleInTransactionTimeoutMs)}`,
      `GRANT ${ownerRole} TO ${login}`,
      `GRANT berth_tenants TO ${login}`,
      `CREATE SCHEMA ${schema} AUTHORIZATION ${ownerRole}`,
      `GRANT USAGE ON SCHEMA ${schema} TO ${serviceRole}`,
      `${defaults} SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${serviceRole}`,
      `${defaults} SELECT, USAGE ON SEQUENCES TO ${serviceRole}`,
      `${defaults} EXECUTE ON FUNCTIONS TO ${serviceRole}`,
      `SET LOCAL ROLE ${ownerRole}`,
      `SET LOCAL search_path = ${schema}`,
      tenTables,
      `CREATE TABLE schema_history (version text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), ms integer NOT NULL)`,
      `INSERT INTO schema_history VALUES ('0001', 'none', now(), 0)`,
      'RESET ROLE',
      `REVOKE ${ownerRole} FROM CURRENT_USER`,
      'COMMIT',
    ];
  }
}

export function placesOf(prefix: string, count: number, cluster: { readonly id: string; readonly database: string }) {
  return Array.from({ length: count }, (_, index) =>
    placeOf(`${prefix}-${String(index)}` as TenantId, cluster.id, cluster.database),
  );
}
