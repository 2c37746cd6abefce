import type { Finding } from '@berth/domain';
import type { WantedTenant } from '@berth/ports';
import type { TenantState } from './tenant-state.js';

/**
 * One thing that is not as it should be, with the statements that mend it. `inspect` shows the finding, `converge` runs the
 * statements and answers with the finding's remedy: the dry run cannot tell another story than the run.
 */
export interface Deviation {
  readonly finding: Finding;
  /** Empty: Berth's admin has no right to mend it, and the remedy tells who has. */
  readonly mend: readonly string[];
}

/** A fact that should hold; the list gives every way in which it does not. Pure. */
export type Fact = (state: TenantState, wanted: WantedTenant) => readonly Deviation[];

export function deviation(
  code: string,
  object: string,
  text: { readonly message: string; readonly remedy: string },
  mend: readonly string[],
  severity: Finding['severity'] = 'error',
): Deviation {
  return { finding: { code, severity, object, ...text }, mend };
}
