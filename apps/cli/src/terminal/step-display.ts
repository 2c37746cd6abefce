import type { Operation } from '../api/client.js';
import { fitRow } from './colour.js';
import { count, duration, size } from './duration.js';
import { leftText, type MoveProgress, watchedLines } from './move-progress.js';
import type { Output } from './output.js';

type Step = Operation['steps'][number];

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const frameMs = 100;
const barWidth = 20;

/**
 * An operation's steps with their times. On a terminal the steps that are not over are drawn again and again below those that
 * are; elsewhere one line is written for each step that ends.
 */
export class StepDisplay {
  private readonly written = new Map<number, string>();
  private operation: Operation | undefined;
  private moveProgress: MoveProgress | null = null;
  private timer: NodeJS.Timeout | undefined;
  private drawn = 0;
  private frame = 0;

  constructor(private readonly output: Output) {}

  /** `moveProgress`: how far the move is that the operation works on. */
  update(operation: Operation, moveProgress: MoveProgress | null = null): void {
    this.operation = operation;
    this.moveProgress = moveProgress;
    this.erase();
    for (const step of operation.steps) this.writeWhenOver(step);
    this.draw();
  }

  end(): void {
    this.erase();
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private writeWhenOver(step: Step): void {
    if (step.state !== 'done' && step.state !== 'undone' && step.error === null) return;
    const mark = `${step.state}${step.error?.message ?? ''}`;
    if (this.written.get(step.number) === mark) return;
    this.written.set(step.number, mark);
    this.output.note(this.fit(this.lineOf(step)));
    if (step.error !== null && step.state !== 'done')
      this.output.note(`     ${this.output.paintError('red', step.error.message)}`);
  }

  private lineOf(step: Step): string {
    const { paintError: paint } = this.output;
    const signs = {
      done: paint('green', '✓'),
      undone: paint('yellow', '↩'),
      started: paint('cyan', frames[this.frame % frames.length] ?? ''),
      'undo-started': paint('yellow', frames[this.frame % frames.length] ?? ''),
      pending: paint('dim', '·'),
    } as const;
    const sign = step.error !== null && step.state === 'started' ? paint('red', '✗') : signs[step.state];
    const undo = step.state === 'undone' ? ' (undone)' : step.state === 'undo-started' ? ' (being undone)' : '';
    const time = timeOf(step);
    const last = step.pointOfNoReturn ? paint('dim', '  point of no return') : '';
    return `${sign} ${String(step.number).padStart(2)} ${step.description}${undo}${time === '' ? '' : `  ${paint('dim', time)}`}${last}`;
  }

  private draw(): void {
    if (!this.output.live || this.operation === undefined) return;
    const open = this.operation.steps.filter(({ state }) => state === 'started' || state === 'undo-started');
    const waits =
      this.operation.state === 'waiting' && this.operation.reason !== null ? [`   ${this.operation.reason}`] : [];
    const ofMove = this.moveProgress === null ? [] : watchedLines(this.moveProgress);
    const lines = [
      ...open.flatMap((step) => [this.lineOf(step), ...progressLines(step, this.output)]),
      ...waits,
      ...ofMove.map((line) => `     ${this.output.paintError('dim', line)}`),
    ];
    if (lines.length === 0) lines.push(this.output.paintError('dim', `  ${this.operation.state} …`));
    for (const line of lines) this.output.draw(`${this.fit(line)}\n`);
    this.drawn = lines.length;
    this.timer ??= setInterval(() => {
      this.frame += 1;
      this.erase();
      this.draw();
    }, frameMs).unref();
  }

  private fit(line: string): string {
    return this.output.live ? fitRow(line, process.stderr.columns) : line;
  }

  private erase(): void {
    if (this.drawn > 0) this.output.draw(`\u001b[${String(this.drawn)}A\u001b[0J`);
    this.drawn = 0;
  }
}

function timeOf({ startedAt, endedAt, state }: Step): string {
  if (startedAt === null) return '';
  const end = endedAt ?? (state === 'started' || state === 'undo-started' ? new Date() : undefined);
  return end === undefined ? '' : duration(Math.max(0, new Date(end).getTime() - new Date(startedAt).getTime()));
}

function progressLines({ progress }: Step, output: Output): string[] {
  if (progress === null) return [];
  return [`     ${output.paintError('dim', progressText(progress))}`];
}

export function progressText(progress: NonNullable<Step['progress']>): string {
  const { text, done, total, also } = progress;
  if (total === null || total === 0) return done === 0 ? text : `${text}: ${amountText(progress)}`;
  const left = leftText(progress.secondsLeft);
  const amounts = [progress, ...also].map(amountText);
  return `${progressBar(done / total)}  ${[...amounts, ...(left === null ? [] : [left])].join(', ')}  ${text}`;
}

function amountText({ done, total, unit }: Pick<NonNullable<Step['progress']>, 'done' | 'total' | 'unit'>): string {
  const show = (value: number): string => (unit === 'bytes' ? size(value) : count(value));
  const whole = total === null || total === 0 ? '' : ` of ${show(total)}`;
  return `${show(done)}${whole}${unit === 'bytes' ? '' : ` ${unit}`}`;
}

/** `part` from 0 to 1. */
export function progressBar(part: number): string {
  const shown = Math.min(1, Math.max(0, part));
  const full = Math.round(shown * barWidth);
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${String(Math.floor(shown * 100)).padStart(3)} %`;
}
