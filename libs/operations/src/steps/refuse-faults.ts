import { BerthError, type Finding } from '@berth/domain';

/** @throws `preflight-failed` that lists every finding of severity error, with the first remedy there is */
export function refuseFaults(findings: readonly Finding[], what: string): void {
  const faults = findings.filter(({ severity }) => severity === 'error');
  if (faults.length === 0) return;
  const remedy = faults.map((fault) => fault.remedy).find((found) => found !== null);
  throw new BerthError('preflight-failed', `${what}: ${faults.map(({ message }) => message).join(' ')}`, {
    details: { findings: faults },
    hint: remedy ?? 'Mend what the findings name, then try again.',
  });
}

/** A half-made dump of an earlier try takes room that the next try gives back: the dump itself tells when the disk is full. */
export function exceptRoom(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ code }) => code !== 'dump-room');
}
