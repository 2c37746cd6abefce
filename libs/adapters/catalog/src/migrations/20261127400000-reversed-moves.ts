import type { MigrationInterface, QueryRunner } from 'typeorm';

const openIndexes = (closed: string): string => `
  DROP INDEX berth.moves_one_open;
  DROP INDEX berth.moves_open;
  CREATE UNIQUE INDEX moves_one_open ON berth.moves (tenant_id) WHERE state NOT IN (${closed});
  CREATE INDEX moves_open ON berth.moves (seq) WHERE state NOT IN (${closed});
`;

/** A reversed move is open: the place that it led to is kept until it is completed, and no second move may begin. */
export class ReversedMoves20261127400000 implements MigrationInterface {
  readonly name = 'ReversedMoves1795881600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(openIndexes(`'completed', 'cancelled'`));
    await runner.query(
      'ALTER TABLE berth.moves ADD COLUMN reversed_at timestamptz(3), ADD COLUMN plan_before text COLLATE "C"',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(openIndexes(`'completed', 'cancelled', 'reversed'`));
    await runner.query('ALTER TABLE berth.moves DROP COLUMN reversed_at, DROP COLUMN plan_before');
  }
}
