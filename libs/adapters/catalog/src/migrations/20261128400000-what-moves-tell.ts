import type { MigrationInterface, QueryRunner } from 'typeorm';

export class WhatMovesTell20261128400000 implements MigrationInterface {
  readonly name = 'WhatMovesTell1796036400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE berth.moves ADD COLUMN error jsonb, ADD COLUMN read_back jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE berth.moves DROP COLUMN error, DROP COLUMN read_back');
  }
}
