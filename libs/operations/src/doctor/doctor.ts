import { inOrder, type DoctorFix, type DoctorReport, type FixOutcome, type NotExamined } from '@berth/domain';
import type { Evidence } from './evidence.js';
import { examination } from './examination.js';
import { gather } from './gather.js';
import { describeFix, mend, type MendPorts } from './mend.js';

/** Reads everything back and compares it with the catalog. */
export class Doctor {
  constructor(private readonly ports: MendPorts) {}

  /** Changes nothing. `clusterId` null: the whole system. */
  async examine(clusterId: string | null): Promise<DoctorReport> {
    const began = performance.now();
    const evidence = await gather(this.ports, clusterId);
    return reportOf(evidence, Math.round(performance.now() - began));
  }

  /** Mends what an examination has just found and may be mended without a person; with `dryRun` it tells that very list. */
  async mend(
    { findings }: Pick<DoctorReport, 'findings'>,
    options: { readonly requestedBy: string; readonly dryRun: boolean },
  ): Promise<readonly FixOutcome[]> {
    const outcomes: FixOutcome[] = [];
    // One after the other: none is urgent, and a server or a pooler is not to be filled with them.
    for (const fix of fixesOf(findings))
      outcomes.push(
        options.dryRun
          ? { fix, outcome: 'planned', message: describeFix(fix) }
          : await mend(this.ports, fix, options.requestedBy),
      );
    return outcomes;
  }
}

/** Each once. Operations last: while one is at work on a cluster, what is left there stays. */
function fixesOf(findings: DoctorReport['findings']): readonly DoctorFix[] {
  const fixes = new Map<string, DoctorFix>();
  for (const { fix } of findings) if (fix !== null) fixes.set(JSON.stringify(fix), fix);
  const starts = ({ kind }: DoctorFix) => kind === 'repair-tenant';
  const all = [...fixes.values()];
  return [...all.filter((fix) => !starts(fix)), ...all.filter(starts)];
}

/** What the whole examination makes of what was read. Pure. */
export function reportOf(evidence: Evidence, ms: number): DoctorReport {
  const results = examination.map(({ name, examine }) => ({ name, ...examine(evidence) }));
  return {
    examinedAt: evidence.now,
    ms,
    clusters: evidence.servers.filter(({ reading }) => 'value' in reading).length,
    tenants: evidence.tenants.filter(({ drift }) => 'value' in drift).length,
    findings: inOrder(results.flatMap(({ name, findings }) => findings.map((one) => ({ ...one, check: name })))),
    notExamined: together(
      results.flatMap(({ name, notExamined = [] }) => notExamined.map((one) => ({ ...one, check: name }))),
    ),
  };
}

const mostNamed = 5;

/** A store that is away keeps the secrets of a thousand tenants from being read, for one reason: that is one line. */
function together(all: readonly NotExamined[]): readonly NotExamined[] {
  const groups = new Map<string, NotExamined[]>();
  for (const one of all) {
    const key = `${one.check}\n${one.because}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const names = group.slice(0, mostNamed).map(({ object }) => object);
    const more = group.length - names.length;
    return [{ ...first, object: `${names.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}` }];
  });
}
