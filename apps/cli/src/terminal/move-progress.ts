import type { Schemas } from '../api/client.js';
import { age, count, duration, size } from './duration.js';

export type MoveProgress = Schemas['MoveProgress'];

type Counted = MoveProgress['bytes'];

/** What a step does, in the past; the others are called by their names. */
const verbs: Readonly<Record<string, string>> = {
  'copy-rows': 'copied',
  'verify-live': 'compared',
  'verify-copy': 'compared',
  'verify-after': 'compared',
  'dump-source': 'dumped',
  'restore-target': 'restored',
};

/** A measurement that is older is told with its age. */
const recentMs = 60_000;

/** `copied 1.2 GB of 4.0 GB, 31 of 138 tables, about 3 min left`; null: nobody works on the move. */
export function workText({ step, bytes, tables, rows, secondsLeft }: MoveProgress): string | null {
  if (step === null) return null;
  const amounts = [amount(bytes, size), amount(tables, count, ' tables'), amount(rows, count, ' rows')];
  const parts = [...amounts, leftText(secondsLeft)].filter((part) => part !== null);
  const verb = verbs[step];
  if (verb === undefined || parts.length === 0) return [step, ...parts].join(', ');
  return `${verb} ${parts.join(', ')}`;
}

function amount(counted: Counted, show: (value: number) => string, unit = ''): string | null {
  if (counted === null) return null;
  const { done, total } = counted;
  return total === null ? `${show(done)}${unit}` : `${show(done)} of ${show(total)}${unit}`;
}

export function leftText(seconds: number | null): string | null {
  return seconds === null ? null : `about ${roughly(seconds)} left`;
}

/** `12.0 MB, 400 ms`. */
export function lagText({ lag }: MoveProgress, now = new Date()): string | null {
  if (lag === null) return null;
  const parts = [size(lag.bytes), ...(lag.seconds === null ? [] : [duration(lag.seconds * 1_000)])];
  const old = now.getTime() - new Date(lag.at).getTime() > recentMs;
  return `${parts.join(', ')}${old ? ` (${age(lag.at, now)} ago)` : ''}`;
}

/** `9.0 GB of at most 16.0 GB`, and what comes of it once it is much. */
export function retainedText({ retained }: MoveProgress): string | null {
  if (retained === null) return null;
  const text = `${size(retained.bytes)} of at most ${size(retained.maxBytes)}`;
  return retained.warns ? `${text}: MUCH, see what keeps the other end from following` : text;
}

/** `4 min ago`. */
export function verifiedText({ verificationAgeSeconds: seconds }: MoveProgress): string | null {
  return seconds === null ? null : `${roughly(seconds)} ago`;
}

/** Whole seconds below a minute, whole minutes above. */
function roughly(seconds: number): string {
  return seconds < 60 ? `${String(seconds)} s` : duration(Math.round(seconds / 60) * 60_000);
}

/** What stands under the steps of a move that is watched; the step's own line has the rest. */
export function watchedLines(progress: MoveProgress, now = new Date()): readonly string[] {
  const [lag, verified] = [lagText(progress, now), verifiedText(progress)];
  const log = progress.retained?.warns === true ? [`log kept ${retainedText(progress) ?? ''}`] : [];
  return [...(lag === null ? [] : [`lag ${lag}`]), ...log, ...(verified === null ? [] : [`verified ${verified}`])];
}
