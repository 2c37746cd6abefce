import { orLeave } from './pause.js';
import type { AnnouncedPlace } from './placement/announced-place.js';
import type { TenantEntry } from './tenant-entry.js';
import type { TenantEvent } from './tenant-event.js';

/** What was heard last is believed for so long while nobody answers: then connections that wait for a move are closed. */
const believedMs = 30_000;
const readMs = 5_000;

export interface AnnouncementsOptions {
  readonly read: (signal: AbortSignal) => Promise<readonly AnnouncedPlace[]>;
  readonly everyMs: number;
  readonly onEvent: (event: TenantEvent) => void;
  /** A tenant is ready for a generation for which it was not before. */
  readonly onReady: (entry: TenantEntry) => void;
}

/** By the clock: one question for all tenants, where they are about to go; then connections are opened there. */
export class Announcements {
  #timer: NodeJS.Timeout | null = null;
  #heardAt = 0;
  #failing = false;
  #closed = false;

  constructor(
    private readonly entries: ReadonlyMap<string, TenantEntry>,
    private readonly options: AnnouncementsOptions,
  ) {
    this.#schedule();
  }

  /** What is being opened is closed with the pools. */
  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#closed) return;
    // Not all pods of a fleet at the same instant; and no more often than needed where nobody answers.
    const everyMs = this.options.everyMs * (this.#failing ? 3 : 1);
    this.#timer = setTimeout(
      () => void this.#look().finally(() => this.#schedule()),
      everyMs * (0.75 + Math.random() / 2),
    ).unref();
  }

  async #look(): Promise<void> {
    if (this.entries.size === 0) return;
    const places = await this.#heard();
    if (places === null || this.#closed) return;
    const byTenant = new Map(places.map((place) => [place.tenantId, place]));
    const entries = [...this.entries.values()];
    await Promise.all(entries.map((entry) => this.#prepare(entry, byTenant.get(entry.tenantId) ?? null)));
  }

  /** Null: nothing was heard, and what was heard last still counts. */
  async #heard(): Promise<readonly AnnouncedPlace[] | null> {
    try {
      const signal = AbortSignal.timeout(readMs);
      const places = await orLeave(this.options.read(signal), signal);
      this.#heardAt = performance.now();
      this.#failing = false;
      return places;
    } catch (cause) {
      if (!this.#failing) this.options.onEvent({ type: 'announcements-failed', cause });
      this.#failing = true;
      return performance.now() - this.#heardAt < believedMs ? null : [];
    }
  }

  async #prepare(entry: TenantEntry, place: AnnouncedPlace | null): Promise<void> {
    const before = entry.readyFor;
    // Made or called off: the secret tells, and sooner than by its own clock. What waits there is wanted in the one case.
    if (before !== null && place === null) await entry.look();
    const connections = await entry.prepare(place);
    const generation = entry.readyFor;
    if (generation === before || generation === null || this.#closed) return;
    this.options.onEvent({ type: 'prepared', tenantId: entry.tenantId, generation, connections });
    this.options.onReady(entry);
  }
}
