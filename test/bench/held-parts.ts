/** One moment at which a comparison held the tenant's writers, by its statements, in ms. The three in the middle run at once. */
export interface HeldParts {
  /** Until the tables were locked; writers that came meanwhile waited behind it. */
  readonly lock: number;
  readonly marker: number;
  readonly snapshot: number;
  readonly stamp: number;
  readonly release: number;
}

/** By what each statement of the moment is known. */
const statements: Readonly<Record<Exclude<keyof HeldParts, 'lock' | 'release'>, RegExp>> = {
  marker: /^UPDATE .* SET n = n \+ 1/,
  snapshot: /pg_export_snapshot/,
  stamp: /AS stamp FROM/,
};

/** Sees all statements of a comparison go by, and keeps how long those took that writers waited for. */
export class HeldPartsSeen {
  #open: Partial<Record<keyof HeldParts, number>> | null = null;
  #moments: HeldParts[] = [];

  see(text: string, tookMs: number): void {
    if (/SHARE ROW EXCLUSIVE MODE[^]*RELEASE locks$/.test(text)) this.#open = { lock: tookMs };
    else if (this.#open !== null && text === 'ROLLBACK') {
      const { lock, marker, snapshot, stamp } = this.#open;
      this.#open = null;
      if (lock !== undefined && marker !== undefined && snapshot !== undefined && stamp !== undefined)
        this.#moments.push({ lock, marker, snapshot, stamp, release: tookMs });
    } else if (this.#open !== null) {
      for (const [part, known] of Object.entries(statements))
        if (known.test(text)) this.#open = { ...this.#open, [part]: tookMs };
    }
  }

  /** Since the last call. */
  take(): readonly HeldParts[] {
    const moments = this.#moments;
    this.#moments = [];
    return moments;
  }
}
