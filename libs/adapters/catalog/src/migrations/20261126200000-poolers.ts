import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Two poolers in one folder would each undo what the other was told. */
const poolers = /* sql */ `
  CREATE TABLE berth.poolers (
    id text COLLATE "C" PRIMARY KEY,
    host text NOT NULL,
    port integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
    ssl_mode text NOT NULL CHECK (ssl_mode IN ('disable', 'require', 'verify-full')),
    folder text NOT NULL UNIQUE,
    created_at timestamptz(3) NOT NULL DEFAULT now()
  )
`;

export class Poolers20261126200000 implements MigrationInterface {
  // TypeORM orders migrations by the time in ms at the end of their name.
  readonly name = 'Poolers1795723200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(poolers);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE berth.poolers');
  }
}
