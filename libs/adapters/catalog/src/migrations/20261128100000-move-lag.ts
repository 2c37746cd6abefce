import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `lag_notes` counts how often it was noted: whoever watches the move's operation sees by it that there is something new. */
const moveLag = /* sql */ `
  ALTER TABLE berth.moves
    ADD COLUMN lag_bytes double precision,
    ADD COLUMN lag_seconds double precision,
    ADD COLUMN lag_at timestamptz(3),
    ADD COLUMN lag_notes bigint NOT NULL DEFAULT 0
`;

export class MoveLag20261128100000 implements MigrationInterface {
  readonly name = 'MoveLag1796025600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(moveLag);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE berth.moves DROP COLUMN lag_bytes, DROP COLUMN lag_seconds, DROP COLUMN lag_at, DROP COLUMN lag_notes',
    );
  }
}
