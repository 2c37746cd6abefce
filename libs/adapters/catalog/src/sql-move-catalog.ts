import { BerthError, type Move, type MoveLag, type MoveState, type TenantId } from '@berth/domain';
import { MoveCatalog, type Page, type PageRequest } from '@berth/ports';
import type { CatalogDatabase } from './catalog-database.js';
import { atOnce } from './operation-statements.js';
import { keyOf, moveCursor, pageOf } from './page-cursor.js';

interface MoveRow {
  readonly id: string;
  readonly seq: string;
  readonly tenant_id: TenantId;
  readonly strategy: Move['strategy'];
  readonly direction: Move['direction'];
  readonly switch_mode: Move['switchMode'];
  readonly state: MoveState;
  readonly reason: string | null;
  readonly error: Move['error'];
  readonly read_back: Move['readBack'];
  readonly from_generation: number;
  readonly to_generation: number;
  readonly from_cluster_id: string;
  readonly to_cluster_id: string;
  readonly switch_requested_at: Date | null;
  readonly verify_requested_at: Date | null;
  readonly switched_at: Date | null;
  readonly reversed_at: Date | null;
  readonly plan_before: string | null;
  readonly write_pause_ms: number | null;
  readonly comparison: Move['comparison'];
  readonly reverse_comparison: Move['comparison'];
  readonly compared_stamp: string | null;
  readonly lag_bytes: number | null;
  readonly lag_seconds: number | null;
  readonly lag_at: Date | null;
  readonly retained_bytes: number | null;
  readonly max_retained_bytes: number | null;
  readonly version: number;
  readonly created_at: Date;
  readonly ended_at: Date | null;
}

/** The very words of the partial indexes, so that the planner uses them. */
const isOpen = `state NOT IN ('completed', 'cancelled')`;
const isClosed = `state IN ('completed', 'cancelled')`;

/**
 * Undefined keeps what is there; `$4` and `$12` tell whether a reason or an error was given, since null clears it. Only what is ready is asked for
 * a comparison, and whatever changes it then has compared it, or ends the wait.
 */
const transitionMove = /* sql */ `
  UPDATE berth.moves
  SET state = $3, version = version + 1,
    reason = CASE WHEN $4 THEN $5 ELSE reason END,
    error = CASE WHEN $12 THEN $13::jsonb ELSE error END,
    read_back = coalesce($14::jsonb, read_back),
    comparison = coalesce($6::jsonb, comparison),
    reverse_comparison = coalesce($10::jsonb, reverse_comparison),
    compared_stamp = coalesce($11::text, compared_stamp),
    verify_requested_at = NULL,
    write_pause_ms = coalesce($7::double precision, write_pause_ms),
    switched_at = coalesce($8::timestamptz, switched_at),
    reversed_at = coalesce($9::timestamptz, reversed_at),
    ended_at = CASE WHEN $3 IN ('completed', 'cancelled') THEN now() END
  WHERE id = $1 AND state = ANY ($2::text[])
  RETURNING *
`;

/** A move that waits for the press is due at once: else it would sleep out its wait. */
const requestSwitch = /* sql */ `
  WITH pressed AS (
    UPDATE berth.moves SET switch_requested_at = now(), version = version + 1
    WHERE id = $1 AND switch_requested_at IS NULL
      AND state IN ('preflight', 'provisioned', 'schema-copied', 'copying', 'catching-up', 'ready')
    RETURNING *
  ), woken AS (
    UPDATE berth.operations SET next_attempt_at = ${atOnce}, revision = revision + 1
    WHERE id IN (SELECT id FROM pressed) AND state = 'waiting'
  )
  SELECT * FROM pressed
`;

const requestVerify = /* sql */ `
  WITH asked AS (
    UPDATE berth.moves SET verify_requested_at = now(), version = version + 1
    WHERE id = $1 AND verify_requested_at IS NULL AND state = 'ready' AND strategy = 'online'
    RETURNING *
  ), woken AS (
    UPDATE berth.operations SET next_attempt_at = ${atOnce}, revision = revision + 1
    WHERE id IN (SELECT id FROM asked) AND state = 'waiting'
  )
  SELECT * FROM asked
`;

const inputOf = /* sql */ `
  SELECT o.input FROM berth.operations o JOIN berth.moves m ON m.id = o.id WHERE m.id = $1
`;

/** Not in the operation's own row, which a lease and the journal hold by turns. */
const noteLag = /* sql */ `
  UPDATE berth.moves SET lag_bytes = $2, lag_seconds = $3, lag_at = $4, retained_bytes = $5, lag_notes = lag_notes + 1
  WHERE id = $1 AND ${isOpen} AND (lag_at IS NULL OR lag_at <= $4)
`;

export class SqlMoveCatalog extends MoveCatalog {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  async get(id: string): Promise<Move | null> {
    const row = await this.database.one<MoveRow>('SELECT * FROM berth.moves WHERE id = $1', [id]);
    return row === null ? null : moveOf(row);
  }

  async list(
    filter: { readonly tenantId?: TenantId; readonly open?: boolean },
    page: PageRequest,
  ): Promise<Page<Move>> {
    const before = keyOf(moveCursor, page);
    const parameters: unknown[] = [];
    const given = (value: unknown): string => `$${String(parameters.push(value))}`;
    const conditions = [
      ...(before === null ? [] : [`seq < ${given(before)}`]),
      ...(filter.tenantId === undefined ? [] : [`tenant_id = ${given(filter.tenantId)}`]),
      ...(filter.open === undefined ? [] : [filter.open ? isOpen : isClosed]),
    ];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const sql = `SELECT * FROM berth.moves ${where} ORDER BY seq DESC LIMIT ${given(page.limit + 1)}`;
    const rows = await this.database.rows<MoveRow>(sql, parameters);
    return pageOf(moveCursor, page, rows, { item: moveOf, key: (row) => row.seq });
  }

  async countOpen(): Promise<Readonly<Partial<Record<MoveState, number>>>> {
    const rows = await this.database.rows<{ readonly state: MoveState; readonly count: number }>(
      `SELECT state, count(*)::int AS count FROM berth.moves WHERE ${isOpen} GROUP BY state`,
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }

  async inputOf(id: string): Promise<Readonly<Record<string, unknown>> | null> {
    const row = await this.database.one<{ readonly input: Readonly<Record<string, unknown>> }>(inputOf, [id]);
    return row?.input ?? null;
  }

  async openMoveOf(id: TenantId): Promise<Move | null> {
    const row = await this.database.one<MoveRow>(`SELECT * FROM berth.moves WHERE tenant_id = $1 AND ${isOpen}`, [id]);
    return row === null ? null : moveOf(row);
  }

  async transition(id: string, change: Parameters<MoveCatalog['transition']>[1]): Promise<Move> {
    const { from, to, reason, error, readBack, comparison, reverseComparison, comparedStamp, ...times } = change;
    const { writePauseMs, switchedAt, reversedAt } = times;
    const changed = await this.database.one<MoveRow>(transitionMove, [
      id,
      from,
      to,
      reason !== undefined,
      reason ?? null,
      jsonOf(comparison),
      writePauseMs ?? null,
      switchedAt ?? null,
      reversedAt ?? null,
      jsonOf(reverseComparison),
      comparedStamp ?? null,
      error !== undefined,
      jsonOf(error),
      jsonOf(readBack),
    ]);
    if (changed !== null) return moveOf(changed);
    const present = await this.#require(id);
    if (present.state === to) return present;
    throw new BerthError('move-state', `The move ${id} is ${present.state} and cannot become ${to}.`, {
      details: { moveId: id, state: present.state, wanted: to, allowedFrom: from },
    });
  }

  async requestSwitch(id: string): Promise<Move> {
    const pressed = await this.database.one<MoveRow>(requestSwitch, [id]);
    if (pressed !== null) return moveOf(pressed);
    const present = await this.#require(id);
    if (present.switchRequestedAt !== null && present.endedAt === null) return present;
    throw new BerthError('move-state', `The move ${id} is ${present.state}: there is nothing to switch.`, {
      details: { moveId: id, state: present.state },
    });
  }

  async requestVerify(id: string): Promise<Move> {
    const asked = await this.database.one<MoveRow>(requestVerify, [id]);
    if (asked !== null) return moveOf(asked);
    const present = await this.#require(id);
    if (present.verifyRequestedAt !== null) return present;
    const { strategy, state } = present;
    throw new BerthError('move-state', `The move ${id} (${strategy}, ${state}) is not compared now.`, {
      details: { moveId: id, strategy, state },
    });
  }

  async noteLag(id: string, { bytes, seconds, at, retainedBytes }: MoveLag): Promise<void> {
    await this.database.rows(noteLag, [id, bytes, seconds, at, retainedBytes]);
  }

  async #require(id: string): Promise<Move> {
    const present = await this.get(id);
    if (present !== null) return present;
    throw new BerthError('move-not-found', `There is no move ${id}.`, { details: { moveId: id } });
  }
}

function jsonOf(value: object | null | undefined): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

function moveOf(row: MoveRow): Move {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    strategy: row.strategy,
    direction: row.direction,
    switchMode: row.switch_mode,
    state: row.state,
    reason: row.reason,
    error: row.error,
    readBack: row.read_back,
    fromGeneration: row.from_generation,
    toGeneration: row.to_generation,
    fromClusterId: row.from_cluster_id,
    toClusterId: row.to_cluster_id,
    switchRequestedAt: row.switch_requested_at,
    verifyRequestedAt: row.verify_requested_at,
    switchedAt: row.switched_at,
    reversedAt: row.reversed_at,
    maxRetainedBytes: row.max_retained_bytes,
    planBefore: row.plan_before,
    writePauseMs: row.write_pause_ms,
    comparison: row.comparison,
    reverseComparison: row.reverse_comparison,
    comparedStamp: row.compared_stamp,
    lag: lagOf(row),
    version: row.version,
    createdAt: row.created_at,
    endedAt: row.ended_at,
  };
}

function lagOf({ lag_bytes: bytes, lag_seconds: seconds, lag_at: at, ...row }: MoveRow): MoveLag | null {
  const { retained_bytes: retainedBytes } = row;
  return bytes === null || at === null || retainedBytes === null ? null : { bytes, seconds, retainedBytes, at };
}
