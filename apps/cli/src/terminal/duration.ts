import { InvalidArgumentError } from 'commander';

/** `340 ms`, `2.4 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`: two units at most, for a person. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${String(Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return pair(seconds, 60, 'min', 's');
  if (seconds < 86_400) return pair(Math.round(seconds / 60), 60, 'h', 'min');
  return pair(Math.round(seconds / 3_600), 24, 'd', 'h');
}

function pair(small: number, each: number, bigUnit: string, smallUnit: string): string {
  const rest = small % each;
  const big = `${String(Math.floor(small / each))} ${bigUnit}`;
  return rest === 0 ? big : `${big} ${String(rest)} ${smallUnit}`;
}

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** What a person types: `90s`, `10m`, `1h`, `30d`, `500ms`, `0`. An argument parser. */
export function milliseconds(text: string): number {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text === '0' ? '0ms' : text) ?? [];
  if (digits === undefined || unit === undefined) {
    throw new InvalidArgumentError('Write a number with ms, s, m, h or d, for example 90s or 1h.');
  }
  return Number(digits) * unitMs[unit as keyof typeof unitMs];
}

const unitBytes = { k: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const;

/** What a person types: `500k`, `50M`, `16G`. An argument parser. */
export function bytes(text: string): number {
  const [, digits, unit] = /^(\d{1,6})([kMGT])i?B?$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined)
    throw new InvalidArgumentError('Write a number with k, M, G or T, for example 50M or 16G.');
  return Number(digits) * unitBytes[unit as keyof typeof unitBytes];
}

/** A time of ISO 8601, in UTC for the API. An argument parser. */
export function time(text: string): string {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError('Write a time as 2026-12-01T02:00:00Z.');
  return new Date(at).toISOString();
}

export function age(of: Date | string, now = new Date()): string {
  const ms = Math.max(0, now.getTime() - new Date(of).getTime());
  return ms < 1_000 ? 'now' : duration(ms < 60_000 ? Math.round(ms / 1_000) * 1_000 : ms).replace('.0 s', ' s');
}

export function size(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? String(Math.round(value)) : value.toFixed(1)} ${units[unit] ?? 'B'}`;
}

/** 15,607 */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
