import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ReverseComparison20261128300000 implements MigrationInterface {
  readonly name = 'ReverseComparison1796032800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE berth.moves ADD COLUMN reverse_comparison jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE berth.moves DROP COLUMN reverse_comparison');
  }
}
