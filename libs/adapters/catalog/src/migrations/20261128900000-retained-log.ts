import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How much of its log a server keeps for a move, and may. What was measured before has not both; it is measured anew within a minute. */
export class RetainedLog20261128900000 implements MigrationInterface {
  readonly name = 'RetainedLog1796054400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE berth.moves ADD COLUMN retained_bytes double precision, ADD COLUMN max_retained_bytes double precision',
    );
    await runner.query(`UPDATE berth.moves m
      SET max_retained_bytes = coalesce((o.input -> 'streamLimits' ->> 'maxRetainedBytes')::double precision, 17179869184)
      FROM berth.operations o WHERE o.id = m.id AND m.strategy = 'online'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE berth.moves DROP COLUMN retained_bytes, DROP COLUMN max_retained_bytes');
  }
}
