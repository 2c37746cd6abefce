import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rows that nobody renews are old within minutes; the next report of their tenant takes them away. */
const clientReports = /* sql */ `
  CREATE TABLE berth.client_reports (
    tenant_id text COLLATE "C" NOT NULL REFERENCES berth.tenants (id),
    client text COLLATE "C" NOT NULL,
    username text NOT NULL,
    generation integer NOT NULL,
    first_seen_at timestamptz(3) NOT NULL DEFAULT now(),
    last_seen_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, client)
  );
`;

export class ClientReports20261126100000 implements MigrationInterface {
  // TypeORM orders migrations by the time in ms at the end of their name.
  readonly name = 'ClientReports1795687200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(clientReports);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE berth.client_reports');
  }
}
