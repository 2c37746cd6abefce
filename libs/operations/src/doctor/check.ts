import type { DoctorCheck, DoctorFinding, NotExamined } from '@berth/domain';
import type { Evidence } from './evidence.js';
import type { Fault } from './seen.js';

export type Remark = Omit<DoctorFinding, 'check'>;

export interface Examined {
  readonly findings: readonly Remark[];
  readonly notExamined?: readonly Omit<NotExamined, 'check'>[];
}

/** One kind of question, asked of what was read. Pure. */
export interface Check {
  readonly name: DoctorCheck;
  readonly examine: (evidence: Evidence) => Examined;
}

/** A finding that a person has to mend. */
export function remark(
  severity: Remark['severity'],
  code: string,
  object: string,
  message: string,
  remedy: string,
): Remark {
  return { code, severity, object, message, remedy, fix: null };
}

export function unseen(object: string, { message }: Fault): Omit<NotExamined, 'check'> {
  return { object, because: message };
}
