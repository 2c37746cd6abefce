import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An authority where nothing is checked against it would be a promise that nobody keeps. */
const certificates = /* sql */ `
  ALTER TABLE berth.clusters
    ADD COLUMN ca text,
    DROP CONSTRAINT clusters_ssl_mode_check,
    ADD CONSTRAINT clusters_ssl_mode_check CHECK (ssl_mode IN ('disable', 'require', 'verify-ca', 'verify-full')),
    ADD CONSTRAINT clusters_ca_check CHECK (ca IS NULL OR ssl_mode IN ('verify-ca', 'verify-full'));
`;

const decisions = /* sql */ `ALTER TABLE berth.operations ADD COLUMN decision jsonb`;

/** `driven_until`: who drives a drain has it alone until then, so that two workers do not start more moves than are allowed. */
const drains = /* sql */ `
  CREATE TABLE berth.drains (
    id text COLLATE "C" PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    cluster_id text COLLATE "C" NOT NULL,
    strategy text NOT NULL CHECK (strategy IN ('online', 'dump')),
    complete boolean NOT NULL,
    at_once integer NOT NULL CHECK (at_once >= 1),
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'stopping', 'stopped', 'finished')),
    requested_by text NOT NULL,
    driven_until timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    ended_at timestamptz(3)
  );
  CREATE UNIQUE INDEX drains_one_open ON berth.drains (cluster_id) WHERE state IN ('running', 'stopping');
  CREATE INDEX drains_of_cluster ON berth.drains (cluster_id, seq);

  CREATE TABLE berth.drain_tenants (
    drain_id text COLLATE "C" NOT NULL REFERENCES berth.drains (id) ON DELETE CASCADE,
    tenant_id text COLLATE "C" NOT NULL REFERENCES berth.tenants (id),
    state text NOT NULL DEFAULT 'waiting'
      CHECK (state IN ('waiting', 'moving', 'completing', 'moved', 'completed', 'gone', 'failed')),
    move_id text COLLATE "C" REFERENCES berth.moves (id),
    target_cluster_id text COLLATE "C",
    error jsonb,
    PRIMARY KEY (drain_id, tenant_id)
  );
`;

export class Clusters20261126300000 implements MigrationInterface {
  readonly name = 'Clusters1795759200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [certificates, decisions, drains]) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE berth.drain_tenants, berth.drains;
      ALTER TABLE berth.operations DROP COLUMN decision;
      ALTER TABLE berth.clusters DROP COLUMN ca,
        DROP CONSTRAINT clusters_ssl_mode_check,
        ADD CONSTRAINT clusters_ssl_mode_check CHECK (ssl_mode IN ('disable', 'require', 'verify-full'));
    `);
  }
}
