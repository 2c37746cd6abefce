import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A person's yes to an operation that waits for one. */
export class Confirmations20261127100000 implements MigrationInterface {
  readonly name = 'Confirmations1795773600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE berth.operations ADD COLUMN confirmed_at timestamptz(3)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE berth.operations DROP COLUMN confirmed_at');
  }
}
