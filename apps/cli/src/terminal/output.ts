import type { Writable } from 'node:stream';
import { paintFor, type Paint } from './colour.js';

interface Stream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Where a command speaks: results to stdout, everything else to stderr; with --json one document to stdout at the end. */
export class Output {
  readonly paint: Paint;
  readonly paintError: Paint;

  constructor(
    readonly json: boolean,
    noColour: boolean,
    private readonly out: Stream = process.stdout,
    private readonly err: Stream = process.stderr,
  ) {
    this.paint = paintFor(out, noColour);
    this.paintError = paintFor(err, noColour);
  }

  /** True where a line may be drawn again and again. */
  get live(): boolean {
    return !this.json && this.err.isTTY === true;
  }

  get width(): number {
    const { columns = 0 } = this.out; // Terminals without a size say 0.
    return columns === 0 ? 120 : Math.min(160, Math.max(60, columns));
  }

  /** Part of the result, for a person. Nothing with --json. */
  line(text = ''): void {
    if (!this.json) this.out.write(`${text}\n`);
  }

  lines(texts: readonly string[]): void {
    for (const text of texts) this.line(text);
  }

  /** What goes on meanwhile: not part of the result. */
  note(text: string): void {
    if (!this.json) this.err.write(`${text}\n`);
  }

  /** Raw text to the place where progress is drawn. */
  draw(text: string): void {
    this.err.write(text);
  }

  fault(text: string): void {
    this.err.write(`${text}\n`);
  }

  /** The one document of --json; without --json nothing. */
  document(value: unknown): void {
    if (this.json) this.out.write(`${JSON.stringify(value, null, 2)}\n`);
  }
}
