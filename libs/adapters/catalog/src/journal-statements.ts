/**
 * First of all locks: a running step holds its operation's row and may wait for a cluster's, so a claim that held a cluster and
 * waited for the row would close a circle.
 */
export const lockOperation = /* sql */ `SELECT 1 FROM berth.operations WHERE id = $1 FOR NO KEY UPDATE`;

/**
 * Locks the operation's clusters, in order, so that two claims never wait for each other in a circle. Claims of one cluster
 * stand in line here: counted leases cannot change until the winner's is written. Which clusters it needs never changes.
 */
export const lockClusters = /* sql */ `
  SELECT id FROM berth.clusters
  WHERE id = ANY ((SELECT cluster_ids FROM berth.operations WHERE id = $1)::text[])
  ORDER BY id FOR NO KEY UPDATE
`;

/** Times in ms from now on. The clock, not the begin of the transaction: the locks may have taken their time. */
export const glance = /* sql */ `
  SELECT state,
    extract(epoch FROM lease_until - clock_timestamp()) * 1000 AS leased_ms,
    extract(epoch FROM next_attempt_at - clock_timestamp()) * 1000 AS early_ms,
    EXISTS (
      SELECT FROM berth.clusters c
      WHERE c.id = ANY (o.cluster_ids) AND c.max_operations <= (
        SELECT count(*) FROM berth.operations other
        WHERE other.state IN ('running', 'undoing') AND other.lease_until > clock_timestamp()
          AND c.id = ANY (other.cluster_ids) AND other.id <> o.id
      )
    ) AS busy
  FROM berth.operations o WHERE id = $1
`;

/** The same once the locks are held: what a glance saw may have changed while they were waited for. */
export const inspect = `${glance} FOR NO KEY UPDATE`;

export const takeLease = /* sql */ `
  UPDATE berth.operations o
  SET state = CASE direction WHEN 'undo' THEN 'undoing' ELSE 'running' END,
    lease_owner = $2, lease_fence = nextval('berth.lease_fence'),
    lease_until = clock_timestamp() + $3 * interval '1 millisecond',
    started_at = coalesce(started_at, now()), next_attempt_at = NULL, reason = NULL, error = turn_error,
    revision = revision + 1
  WHERE id = $1
  RETURNING lease_fence, saga, saga_version, input, direction, turn_error, cancel_requested_at,
    ( SELECT coalesce(json_agg(json_build_object(
          'name', s.name, 'state', s.state, 'failures', s.failures, 'output', s.output, 'error', s.error)
        ORDER BY s.number), '[]')
      FROM berth.operation_steps s WHERE s.operation_id = o.id ) AS steps
`;

/**
 * Not flushed to disk before it answers, as it runs often and guards nothing: a server that crashes and forgets it ends the
 * lease early, and whoever claims next gets a higher fence.
 */
export const renew = /* sql */ `
  WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))
  UPDATE berth.operations SET lease_until = clock_timestamp() + $3 * interval '1 millisecond' FROM quick
  WHERE id = $1 AND lease_fence = $2 AND state IN ('running', 'undoing')
  RETURNING cancel_requested_at IS NOT NULL AS cancel_requested
`;

/**
 * One statement for one fact about a step: it is written with the lease checked, or not at all.
 *
 * What is `quick` may be forgotten by a server that crashes within the half second after it: the step then runs, or is undone,
 * once more, which every step stands. The next `started` waits for the disk and takes all before it there, so that nothing is
 * ever forgotten out of order; and no act begins before its own `started` is safe.
 */
function recordStep(change: string, quick = false): string {
  return /* sql */ `
    WITH held AS (
      UPDATE berth.operations SET revision = revision + 1
      ${quick ? "FROM (SELECT set_config('synchronous_commit', 'off', true)) AS quick" : ''}
      WHERE id = $1 AND lease_fence = $2 AND state IN ('running', 'undoing')
      RETURNING id
    )
    UPDATE berth.operation_steps s SET ${change} FROM held
    WHERE s.operation_id = held.id AND s.name = $3
    RETURNING s.number
  `;
}

export const recordStepEvent = {
  started: recordStep(
    `state = 'started', attempts = attempts + 1, started_at = coalesce(started_at, now()), ended_at = NULL`,
  ),
  done: recordStep(`state = 'done', output = $4::jsonb, error = NULL, ended_at = now()`, true),
  failed: recordStep(`failures = failures + 1, error = $4::jsonb`),
  // The first one begins a new count: failures of the way back are not those of the way there.
  'undo-started': recordStep(
    `failures = CASE s.state WHEN 'undo-started' THEN failures ELSE 0 END, state = 'undo-started', ended_at = NULL`,
  ),
  undone: recordStep(`state = 'undone', ended_at = now()`, true),
  progress: recordStep(`progress = $4::jsonb`, true),
} as const;

export const turnBack = /* sql */ `
  UPDATE berth.operations
  SET direction = 'undo', state = 'undoing', turn_error = $3, error = $3, revision = revision + 1
  WHERE id = $1 AND lease_fence = $2 AND state IN ('running', 'undoing')
  RETURNING id
`;

export const settle = /* sql */ `
  UPDATE berth.operations
  SET state = $3, reason = $4, error = $5, result = $6,
    next_attempt_at = now() + $7 * interval '1 millisecond',
    ended_at = CASE WHEN $3 IN ('succeeded', 'cancelled', 'failed') THEN now() END,
    lease_owner = NULL, lease_until = NULL, revision = revision + 1
  WHERE id = $1 AND lease_fence = $2 AND state IN ('running', 'undoing')
  RETURNING id
`;
