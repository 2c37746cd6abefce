import { operationColumns } from './operation-row.js';

/**
 * Now, as a time that is due at once: times are kept in whole milliseconds, and `now()` alone would be rounded into the next one half of
 * the times.
 */
export const atOnce = "date_trunc('milliseconds', now())";

/** A tenant that was removed, or whose creation was undone, left nothing behind: its name may be given again. */
export const insertTenant = /* sql */ `
  INSERT INTO berth.tenants AS t (id, state, plan, constraints) VALUES ($1, 'provisioning', $2, $3)
  ON CONFLICT (id) DO UPDATE
    SET state = 'provisioning', reason = NULL, plan = excluded.plan, constraints = excluded.constraints,
      quarantined_until = NULL, version = t.version + 1, updated_at = now()
    WHERE t.state IN ('removed', 'failed')
  RETURNING id
`;

/**
 * What a tenant of the same name left in the catalog. A key that was bound to a removed tenant must not open the next one of its
 * name; one bound to a tenant that was never made waits for just this.
 */
export const forgetFormerTenant = /* sql */ `
  WITH ledger AS (DELETE FROM berth.migration_ledger WHERE tenant_id = $1),
  failures AS (DELETE FROM berth.migration_failures WHERE tenant_id = $1),
  keys AS (
    UPDATE berth.api_keys SET revoked_at = now() WHERE tenant_id = $1 AND revoked_at IS NULL
      AND EXISTS (SELECT FROM berth.tenants WHERE id = $1 AND state = 'removed')
  )
  UPDATE berth.tenants SET migrations_digest = DEFAULT WHERE id = $1 AND state IN ('removed', 'failed')
`;

/** No row: another operation of the tenant has not ended. The unique index decides, also between two transactions at once. */
export const insertOperation = /* sql */ `
  WITH made AS (
    INSERT INTO berth.operations (id, kind, saga, saga_version, tenant_id, cluster_ids, input, requested_by, decision)
    VALUES ($1, $2, $9, $3, $4, $5, $6, $7, $10)
    ON CONFLICT (tenant_id) WHERE state IN ('queued', 'running', 'waiting', 'undoing', 'needs-operator') DO NOTHING
    RETURNING id
  ), steps AS (
    INSERT INTO berth.operation_steps (operation_id, number, name, description, point_of_no_return)
    SELECT made.id, step.number, step.plan ->> 'name', step.plan ->> 'description', (step.plan ->> 'pointOfNoReturn')::boolean
    FROM made, jsonb_array_elements($8::jsonb) WITH ORDINALITY AS step (plan, number)
  )
  SELECT id FROM made
`;

/** Asked after the operation's row stands: from then on no other operation changes the tenant. */
export const stillAsSeen = /* sql */ `
  SELECT t.state, t.plan,
    (SELECT generation FROM berth.placements p WHERE p.tenant_id = t.id AND p.state = 'current') AS generation
  FROM berth.tenants t WHERE t.id = $1
`;

export const openOperationOf = /* sql */ `
  SELECT id, kind, state FROM berth.operations
  WHERE tenant_id = $1 AND state IN ('queued', 'running', 'waiting', 'undoing', 'needs-operator')
`;

/** A switch that is automatic was asked for by whoever asked for the move. */
export const insertMove = /* sql */ `
  INSERT INTO berth.moves (id, tenant_id, strategy, direction, switch_mode, from_generation, to_generation, from_cluster_id,
    to_cluster_id, plan_before, max_retained_bytes, switch_requested_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, CASE WHEN $5 = 'auto' THEN now() END)
  ON CONFLICT (tenant_id) WHERE state NOT IN ('completed', 'cancelled') DO NOTHING
  RETURNING id
`;

export const openMoveOf = /* sql */ `
  SELECT id FROM berth.moves WHERE tenant_id = $1 AND state NOT IN ('completed', 'cancelled')
`;

export const lockOperation = /* sql */ `
  SELECT state, direction,
    EXISTS (SELECT FROM berth.operation_steps s
      WHERE s.operation_id = o.id AND s.point_of_no_return AND s.state = 'done') AS decided
  FROM berth.operations o WHERE id = $1 FOR NO KEY UPDATE
`;

/** Whoever waits is woken: a cancelled operation should not sleep out its wait first. */
export const recordCancelWish = /* sql */ `
  UPDATE berth.operations
  SET cancel_requested_at = coalesce(cancel_requested_at, now()), revision = revision + 1,
    state = CASE state WHEN 'needs-operator' THEN 'queued' ELSE state END,
    next_attempt_at = CASE WHEN state IN ('needs-operator', 'waiting') THEN ${atOnce} ELSE next_attempt_at END
  WHERE id = $1
`;

/** A person looked at it: the count of failures begins anew, else the first one more would stop it again. */
export const queueAgain = /* sql */ `
  WITH counts AS (
    UPDATE berth.operation_steps SET failures = 0 WHERE operation_id = $1 AND failures > 0
  )
  UPDATE berth.operations
  SET state = 'queued', reason = NULL, error = turn_error, next_attempt_at = ${atOnce}, revision = revision + 1
  WHERE id = $1
`;

export const dueOperations = /* sql */ `
  SELECT id FROM berth.operations WHERE due_at <= $1 ORDER BY due_at LIMIT $2
`;

/** The very words of the unique index, so that the planner uses it. */
export const openOperationsOf = /* sql */ `
  SELECT ${operationColumns} FROM berth.operations o
  WHERE o.tenant_id = ANY ($1::text[]) AND o.state IN ('queued', 'running', 'waiting', 'undoing', 'needs-operator')
`;

/** Both numbers only grow, and so does their sum. */
export const revisionOf = /* sql */ `
  SELECT o.revision + coalesce(m.lag_notes, 0) AS revision
  FROM berth.operations o LEFT JOIN berth.moves m ON m.id = o.id WHERE o.id = $1
`;
