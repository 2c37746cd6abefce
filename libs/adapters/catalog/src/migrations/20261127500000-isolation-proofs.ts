import type { MigrationInterface, QueryRunner } from 'typeorm';

/** `worked_until`: who works on a proof has it alone until then. A cluster's proofs outlive it: they are what an auditor reads. */
const proofs = /* sql */ `
  CREATE TABLE berth.isolation_proofs (
    id text COLLATE "C" PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    cluster_id text COLLATE "C" NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'ended')),
    verdict text CHECK (verdict IN ('isolated', 'broken', 'incomplete', 'no-pairs')),
    report jsonb,
    requested_by text NOT NULL,
    worked_until timestamptz(3) NOT NULL DEFAULT now(),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    started_at timestamptz(3),
    ended_at timestamptz(3),
    CHECK ((state = 'ended') = (verdict IS NOT NULL AND report IS NOT NULL AND ended_at IS NOT NULL))
  );
  CREATE UNIQUE INDEX isolation_proofs_one_open ON berth.isolation_proofs (cluster_id) WHERE state <> 'ended';
  CREATE INDEX isolation_proofs_of_cluster ON berth.isolation_proofs (cluster_id, seq);

  CREATE FUNCTION berth.keep_isolation_proofs() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'a proof of isolation that has ended is kept as it is' USING ERRCODE = '55000';
    END $$;
  CREATE TRIGGER isolation_proofs_kept BEFORE UPDATE OR DELETE ON berth.isolation_proofs
    FOR EACH ROW WHEN (OLD.state = 'ended') EXECUTE FUNCTION berth.keep_isolation_proofs();
`;

export class IsolationProofs20261127500000 implements MigrationInterface {
  readonly name = 'IsolationProofs1795917600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(proofs);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE berth.isolation_proofs; DROP FUNCTION berth.keep_isolation_proofs()');
  }
}
