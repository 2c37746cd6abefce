import {
  BerthError,
  type ClientReport,
  type Cluster,
  type ErrorReport,
  type Drain,
  type DrainTenant,
  type IsolationProof,
  type Move,
  type OperationKind,
  type OperationState,
  type OperationStep,
  type Placement,
  type PlacementDecision,
  type Plan,
  type Pooler,
  type Tenant,
  type TenantId,
} from '@berth/domain';
import type { ApiKey, AppliedMigration, KeptAnswer, Page, PageRequest, RecordedAuditEntry } from '@berth/ports';

export interface StepRecord extends OperationStep {
  readonly failures: number;
  readonly output: object | null;
}

export interface OperationRecord {
  readonly id: string;
  readonly seq: number;
  readonly kind: OperationKind;
  readonly saga: string;
  readonly sagaVersion: number;
  readonly tenantId: TenantId;
  readonly clusterIds: readonly string[];
  readonly state: OperationState;
  readonly direction: 'forward' | 'undo';
  readonly reason: string | null;
  readonly error: ErrorReport | null;
  readonly turnError: ErrorReport | null;
  readonly input: unknown;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly requestedBy: string;
  readonly decision: PlacementDecision | null;
  readonly cancelRequestedAt: Date | null;
  readonly nextAttemptAt: Date | null;
  readonly fence: number;
  readonly leaseUntil: Date | null;
  readonly revision: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly steps: readonly StepRecord[];
}

export interface DrainRecord {
  drain: Drain;
  drivenUntil: Date;
  readonly tenants: Map<TenantId, DrainTenant>;
}

export interface IsolationProofRecord {
  proof: IsolationProof;
  workedUntil: Date;
}

export interface KeyRecord extends ApiKey {
  readonly seq: number;
  readonly hash: string;
}

export interface IdempotencyRecord {
  readonly requestHash: string;
  readonly answer: KeptAnswer | null;
  readonly lockedUntil: Date;
  readonly expiresAt: Date;
}

export interface LedgerRecord {
  readonly applied: readonly AppliedMigration[];
  readonly failure: { readonly version: string; readonly message: string; readonly at: Date } | null;
}

/** The tables of the fake, shared by all its parts. No method awaits between reading and writing: each is one transaction. */
export class CatalogMemory {
  readonly tenants = new Map<string, Tenant>();
  readonly plans = new Map<string, Plan>(seededPlans.map((plan) => [plan.name, plan]));
  readonly clusters = new Map<string, Cluster>();
  readonly poolers = new Map<string, Pooler>();
  /** By tenant and generation. */
  readonly placements = new Map<string, Placement>();
  readonly operations = new Map<string, OperationRecord>();
  readonly moves = new Map<string, Move & { readonly seq: number }>();
  /** Oldest first. */
  readonly drains: DrainRecord[] = [];
  /** Oldest first. */
  readonly isolationProofs: IsolationProofRecord[] = [];
  readonly apiKeys = new Map<string, KeyRecord>();
  readonly audit: RecordedAuditEntry[] = [];
  readonly idempotency = new Map<string, IdempotencyRecord>();
  readonly ledger = new Map<string, LedgerRecord>();
  readonly clientReports = new Map<string, readonly ClientReport[]>();
  #seq = 0;
  #fence = 0;

  constructor(private readonly clock: () => number) {}

  now(offsetMs = 0): Date {
    return new Date(this.clock() + offsetMs);
  }

  nextSeq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  nextFence(): number {
    this.#fence += 1;
    return this.#fence;
  }

  /** Writes some columns of an operation; every change is a new revision. */
  change(operation: OperationRecord, change: Partial<OperationRecord>): OperationRecord {
    const changed = { ...operation, ...change, revision: operation.revision + 1 };
    this.operations.set(operation.id, changed);
    return changed;
  }
}

const limits = (connectionLimit: number, timeoutMs: number) => ({
  connectionLimit,
  statementTimeoutMs: timeoutMs,
  idleInTransactionTimeoutMs: timeoutMs,
});

const seededPlans: readonly Plan[] = [
  { name: 'free', tier: 'shared', limits: limits(5, 10_000), description: 'To try things out.', version: 1 },
  { name: 'starter', tier: 'shared', limits: limits(10, 30_000), description: 'A small team.', version: 1 },
  { name: 'pro', tier: 'shared', limits: limits(25, 60_000), description: 'Daily business.', version: 1 },
  { name: 'enterprise', tier: 'dedicated', limits: limits(200, 300_000), description: 'A server.', version: 1 },
];

/** What the server would give back: no undefined, no class, no shared object. */
export function asJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** A page of rows that are sorted already. `keyOf` is unique, `isAfter` tells whether a row comes after the cursor's key. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  { limit, cursor }: PageRequest,
  read: {
    readonly letter: string;
    readonly key: (row: Row) => string;
    readonly isAfter: (row: Row, key: string) => boolean;
    readonly item: (row: Row) => Item;
  },
): Page<Item> {
  const key = cursor === undefined ? null : keyOfCursor(cursor, read.letter);
  const rest = key === null ? rows : rows.filter((row) => read.isAfter(row, key));
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  const next =
    rest.length > limit && last !== undefined
      ? Buffer.from(`${read.letter}:${read.key(last)}`).toString('base64url')
      : null;
  return { items: shown.map(read.item), next };
}

function keyOfCursor(cursor: string, letter: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  const isOurs = text.startsWith(`${letter}:`) && /^[a-z0-9-]+$/.test(text.slice(2));
  if (isOurs && Buffer.from(text).toString('base64url') === cursor) return text.slice(2);
  throw new BerthError('invalid-cursor', 'The cursor is not one that this list gave.');
}

/** Newest first, by a number that only grows. */
export const newestFirst = <Row extends { readonly seq: number }, Item>(letter: string, item: (row: Row) => Item) => ({
  letter,
  item,
  key: (row: Row) => String(row.seq),
  isAfter: (row: Row, key: string) => row.seq < Number(key),
});
