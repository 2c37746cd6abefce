import { readdirSync, readFileSync } from 'node:fs';

/** Reads the list of processes again and again, as any user of the machine can: what ran for a moment is seen too. */
export class ProcessWatch {
  readonly #seen = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  get commandLines(): readonly string[] {
    return [...this.#seen];
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), 20);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      try {
        this.#seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}
