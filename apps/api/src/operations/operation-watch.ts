import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { hasEnded, kindsOfMoves, type MoveProgress, type Operation, progressOfMove } from '@berth/domain';
import { MoveCatalog, OperationCatalog } from '@berth/ports';

/** What a watcher is told. `revision` is the event's id. */
export interface OperationNews {
  readonly revision: number;
  readonly operation: Operation;
  /** How far the move is that it works on, if it works on one; null: that has ended, or not begun. */
  readonly moveProgress?: MoveProgress | null;
}

export interface Watcher {
  readonly onNews: (news: OperationNews) => void;
  readonly onHeartbeat: () => void;
  /** Nothing more will come. */
  readonly onEnd: () => void;
}

interface Watch {
  readonly watchers: Set<Watcher>;
  last: OperationNews | undefined;
  timer: NodeJS.Timeout | undefined;
}

export interface WatchTimes {
  readonly pollMs: number;
  readonly heartbeatMs: number;
}

/**
 * Watches operations for all who look at them: one poller an operation however many watch it, which reads a number, and the
 * operation only when the number changed.
 */
@Injectable()
export class OperationWatch implements BeforeApplicationShutdown {
  private readonly watches = new Map<string, Watch>();
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(
    private readonly operations: OperationCatalog,
    private readonly moves: MoveCatalog,
    private readonly log: Logger,
    private readonly times: WatchTimes = { pollMs: 250, heartbeatMs: 15_000 },
  ) {}

  /** Number of pollers, for tests and metrics. */
  get pollers(): number {
    return this.watches.size;
  }

  get watchers(): number {
    return [...this.watches.values()].reduce((sum, watch) => sum + watch.watchers.size, 0);
  }

  /** Tells the watcher the present state at once, then each change. Returns the way to stop. */
  watch(operationId: string, watcher: Watcher): () => void {
    let watch = this.watches.get(operationId);
    if (watch === undefined) {
      watch = { watchers: new Set(), last: undefined, timer: undefined };
      this.watches.set(operationId, watch);
    }
    watch.watchers.add(watcher);
    this.heartbeat ??= setInterval(() => this.beat(), this.times.heartbeatMs);
    if (watch.last !== undefined) watcher.onNews(watch.last);
    else if (watch.watchers.size === 1) void this.poll(operationId, watch);
    return () => this.leave(operationId, watcher);
  }

  beforeApplicationShutdown(): void {
    for (const operationId of this.watches.keys()) this.end(operationId);
  }

  private leave(operationId: string, watcher: Watcher): void {
    const watch = this.watches.get(operationId);
    if (watch?.watchers.delete(watcher) !== true || watch.watchers.size > 0) return;
    this.forget(operationId, watch);
  }

  private forget(operationId: string, watch: Watch): void {
    clearTimeout(watch.timer);
    if (this.watches.get(operationId) === watch) this.watches.delete(operationId);
    if (this.watches.size > 0) return;
    clearInterval(this.heartbeat);
    this.heartbeat = undefined;
  }

  private end(operationId: string): void {
    const watch = this.watches.get(operationId);
    if (watch === undefined) return;
    this.forget(operationId, watch);
    for (const watcher of watch.watchers) watcher.onEnd();
    watch.watchers.clear();
  }

  private async poll(operationId: string, watch: Watch): Promise<void> {
    let waitMs = this.times.pollMs;
    try {
      if (await this.look(operationId, watch)) return;
    } catch (error) {
      // The catalog is away: those who watch go on waiting, and are told when it is back.
      this.log.warn({ operationId, err: error }, 'an operation could not be watched');
      waitMs = this.times.pollMs * 8;
    }
    if (this.watches.get(operationId) === watch)
      watch.timer = setTimeout(() => void this.poll(operationId, watch), waitMs);
  }

  /** True: nothing more will come. */
  private async look(operationId: string, watch: Watch): Promise<boolean> {
    // The number first: a change between the two reads is told twice rather than never.
    const revision = await this.operations.revision(operationId);
    if (revision !== null && revision === watch.last?.revision) return false;
    const operation = revision === null ? null : await this.operations.get(operationId);
    if (revision === null || operation === null) {
      this.end(operationId);
      return true;
    }
    const news = { revision, operation, ...(await this.moveOf(operation)) };
    watch.last = news;
    for (const watcher of [...watch.watchers]) watcher.onNews(news);
    if (!hasEnded(operation.state)) return false;
    this.end(operationId);
    return true;
  }

  private async moveOf(operation: Operation): Promise<Pick<OperationNews, 'moveProgress'>> {
    if (!kindsOfMoves.includes(operation.kind)) return {};
    const move = await this.moves.openMoveOf(operation.tenantId);
    return { moveProgress: move === null ? null : progressOfMove(move, operation, new Date()) };
  }

  private beat(): void {
    for (const watch of this.watches.values()) for (const watcher of watch.watchers) watcher.onHeartbeat();
  }
}
