import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who waits for a comparison, and by what a switch knows that nothing was written anew since the last one. */
export class AskedComparisons20261128700000 implements MigrationInterface {
  readonly name = 'AskedComparisons1796047200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE berth.moves ADD COLUMN verify_requested_at timestamptz(3), ADD COLUMN compared_stamp text',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE berth.moves DROP COLUMN verify_requested_at, DROP COLUMN compared_stamp');
  }
}
