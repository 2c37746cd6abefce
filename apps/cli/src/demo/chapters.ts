import { phase, type Tell } from '../system/progress.js';

/** Tells a story chapter by chapter, and how long each took. */
export class Story {
  readonly times: Record<string, number> = {};

  constructor(private readonly tell: Tell) {}

  async chapter<T>(
    name: string,
    time: string,
    work: (going: (text: string) => void) => Promise<T>,
    detail?: (result: T) => string,
  ): Promise<T> {
    const started = performance.now();
    const going = (text: string): void => {
      this.tell({ kind: 'phase', name, state: 'going', text });
    };
    const result = await phase(this.tell, name, () => work(going), detail);
    this.times[time] = Math.round(performance.now() - started);
    return result;
  }
}
