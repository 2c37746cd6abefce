import { fitRow } from '../terminal/colour.js';
import { duration } from '../terminal/duration.js';
import type { Output } from '../terminal/output.js';
import type { SystemEvent } from './progress.js';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const frameMs = 100;

/** Shows phases as lines that stay, and below them, on a terminal, what runs now. */
export class PhaseDisplay {
  private readonly running = new Map<string, { readonly since: number; readonly text: string }>();
  private timer: NodeJS.Timeout | undefined;
  private frame = 0;
  private drawn = 0;

  constructor(private readonly output: Output) {}

  show(event: SystemEvent): void {
    this.erase();
    if (event.kind === 'note') this.output.note(`  ${event.text}`);
    else if (event.state === 'begun') this.running.set(event.name, { since: performance.now(), text: '' });
    else if (event.state === 'going') {
      const since = this.running.get(event.name)?.since ?? performance.now();
      this.running.set(event.name, { since, text: event.text });
    } else {
      this.running.delete(event.name);
      if (event.state === 'done') this.line(this.output.paintError('green', '✓'), event.name, event.detail, event.ms);
      else this.line(this.output.paintError('red', '✗'), event.name, 'failed');
    }
    this.draw();
  }

  end(): void {
    this.erase();
    this.running.clear();
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private line(mark: string, name: string, detail: string, ms?: number): void {
    const time = ms === undefined ? '' : this.output.paintError('dim', `  ${duration(ms)}`);
    this.output.note(`${mark} ${detail === '' ? name : `${name}: ${detail}`}${time}`);
  }

  private draw(): void {
    if (!this.output.live || this.running.size === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
      return;
    }
    const lines = [...this.running].flatMap(([name, { since, text }]) => {
      const time = this.output.paintError('dim', duration(performance.now() - since));
      const line = `${this.output.paintError('cyan', frames[this.frame % frames.length] ?? '')} ${name}  ${time}`;
      return text === '' ? [line] : [line, fitRow(`    ${text}`, process.stderr.columns)];
    });
    for (const line of lines) this.output.draw(`${line}\n`);
    this.drawn = lines.length;
    this.timer ??= setInterval(() => {
      this.frame += 1;
      this.erase();
      this.draw();
    }, frameMs).unref();
  }

  private erase(): void {
    if (this.drawn > 0) this.output.draw(`\u001b[${String(this.drawn)}A\u001b[0J`);
    this.drawn = 0;
  }
}
