import type { ErrorReport } from '@berth/domain';

/** What a move tells of work on it that was taken back: why, and how things stand since. `because` null: somebody cancelled it. */
export function turnedBack(
  because: ErrorReport | null,
  standing: string,
): { readonly reason: string; readonly error: ErrorReport | null } {
  return { reason: because === null ? standing : `${because.message} ${standing}`, error: because };
}
