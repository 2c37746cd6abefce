import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { TenantSecret } from '@berth/domain';
import { connect, sqlStateOf, type TenantAccess } from './tenant-access.js';

const betweenWritesMs = 5;
const betweenTriesMs = 5;
const movedSqlState = '25006';

/** No unique key on the token: a write that arrives twice must be seen, not refused. */
export const ledgerTable =
  'CREATE TABLE demo_ledger (id bigserial PRIMARY KEY, token bigint NOT NULL, written_at timestamptz NOT NULL DEFAULT clock_timestamp())';

export interface WriterReport {
  readonly acknowledged: number;
  /** Of these, at the place that the tenant had last. */
  readonly atLastPlace: number;
  /** Times that a write was refused because the tenant moves or has moved. */
  readonly refused: number;
  /** Longest time between two acknowledged writes, in ms: the pause that this product felt. */
  readonly longestPauseMs: number;
}

/**
 * A product that writes all the time, and does what a product has to do: remember what was acknowledged, and when the place
 * refuses or goes away, read the secret again and repeat what was not acknowledged.
 */
export class LedgerWriter {
  private readonly tokens: number[] = [];
  private client: pg.Client | undefined;
  private place = '';
  private atPlace = 0;
  private refused = 0;
  private longestPauseMs = 0;
  private pauseMs = 0;
  private lastAt = performance.now();
  private stopped = false;
  private fault: Error | undefined;
  private readonly running: Promise<void>;

  constructor(
    private readonly access: TenantAccess,
    private readonly tenantId: string,
  ) {
    this.running = this.work().catch((error: unknown) => {
      this.fault = error instanceof Error ? error : new Error(String(error));
    });
  }

  get acknowledged(): readonly number[] {
    return this.tokens;
  }

  get report(): WriterReport {
    const { tokens, atPlace, refused, longestPauseMs } = this;
    return { acknowledged: tokens.length, atLastPlace: atPlace, refused, longestPauseMs: Math.round(longestPauseMs) };
  }

  /** The longest pause since `takePauseMs` was called last, in ms, the one that it is in included. */
  get pauseSoFarMs(): number {
    return Math.max(this.pauseMs, this.tokens.length > 0 ? performance.now() - this.lastAt : 0);
  }

  /** The longest pause since the last call, in ms. */
  takePauseMs(): number {
    const { pauseMs } = this;
    this.pauseMs = 0;
    return pauseMs;
  }

  /** Waits until this many more writes were acknowledged. @throws when that takes too long, or the writer failed */
  async awaitMore(writes: number, deadlineMs = 20_000): Promise<void> {
    const wanted = this.tokens.length + writes;
    const end = performance.now() + deadlineMs;
    while (this.tokens.length < wanted) {
      if (this.fault !== undefined) throw this.fault;
      if (performance.now() > end) throw new Error('the writer got no acknowledgement for too long');
      await pause(10);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
    await this.client?.end().catch(() => undefined);
    if (this.fault !== undefined) throw this.fault;
  }

  private async work(): Promise<void> {
    for (let token = 1; !this.stopped; token += 1) {
      await this.write(token);
      const now = performance.now();
      const pauseMs = this.tokens.length > 0 ? now - this.lastAt : 0;
      this.pauseMs = Math.max(this.pauseMs, pauseMs);
      this.longestPauseMs = Math.max(this.longestPauseMs, pauseMs);
      this.lastAt = now;
      this.tokens.push(token);
      this.atPlace += 1;
      await pause(betweenWritesMs);
    }
  }

  /** Comes back when the write is acknowledged, wherever. */
  private async write(token: number): Promise<void> {
    for (let again = false; ; again = true) {
      try {
        this.client ??= await this.connectToday();
        // After a broken connection nobody knows whether the write before it was committed: it is looked up.
        const sql = again
          ? 'INSERT INTO demo_ledger (token) SELECT $1 WHERE NOT EXISTS (SELECT FROM demo_ledger WHERE token = $1)'
          : 'INSERT INTO demo_ledger (token) VALUES ($1)';
        await this.client.query(sql, [token]);
        return;
      } catch (error) {
        if (!isWorthRepeating(error)) throw error;
        if (sqlStateOf(error) === movedSqlState) this.refused += 1;
        await this.client?.end().catch(() => undefined);
        this.client = undefined;
        await pause(betweenTriesMs);
      }
    }
  }

  private async connectToday(): Promise<pg.Client> {
    const secret = await this.access.secretOf(this.tenantId);
    const client = await connect(secret);
    if (placeOf(secret) !== this.place) this.atPlace = 0;
    this.place = placeOf(secret);
    return client;
  }
}

function placeOf({ host, port, generation }: TenantSecret): string {
  return `${host}:${String(port)}/${String(generation)}`;
}

/** Moved; connection lost or refused; server going down; login switched off or not there yet. Anything else is a fault. */
function isWorthRepeating(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state === undefined) return true; // Not from the server: the connection itself broke.
  return state === movedSqlState || /^(08|57P|28)/.test(state) || state === '53300';
}
