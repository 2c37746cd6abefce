import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `generation` is that of the place which the tenant leaves. No column holds a password. */
const announcedPlaces = /* sql */ `
  CREATE TABLE berth.announced_places (
    tenant_id text COLLATE "C" PRIMARY KEY REFERENCES berth.tenants (id),
    operation_id text COLLATE "C" NOT NULL,
    generation integer NOT NULL,
    leaves jsonb NOT NULL,
    reaches jsonb NOT NULL,
    announced_at timestamptz(3) NOT NULL DEFAULT now(),
    CHECK (NOT leaves ?| ARRAY['password', 'url'] AND NOT reaches ?| ARRAY['password', 'url'])
  );
  ALTER TABLE berth.client_reports ADD COLUMN ready_for integer;
`;

export class AnnouncedPlaces20261127700000 implements MigrationInterface {
  readonly name = 'AnnouncedPlaces1795989600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(announcedPlaces);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE berth.announced_places; ALTER TABLE berth.client_reports DROP COLUMN ready_for');
  }
}
