import type { Finding } from '@berth/domain';
import type { Tools } from '../tools.js';
import { asked } from './asked.js';

/** What passes by itself: an operation that was started waits for it. */
const passing: readonly string[] = ['cluster-unreachable', 'cluster-full', 'cluster-busy', 'database-unavailable'];

/**
 * Whether a cluster can still do what its registration asked of it. The question opens a connection of its own, which would cost
 * a creation a tenth of its time: that a cluster is fit is believed for a while. That it is not is asked each time.
 */
export class ClusterFitness {
  readonly #fit = new Map<string, { readonly at: number; readonly findings: readonly Finding[] }>();

  constructor(
    private readonly ports: Pick<Tools, 'directory' | 'probe'> & { readonly now: () => Date },
    private readonly believedMs = 5_000,
  ) {}

  async of(clusterId: string): Promise<readonly Finding[]> {
    const at = this.ports.now().getTime();
    const known = this.#fit.get(clusterId);
    if (known !== undefined && at - known.at < this.believedMs) return known.findings;
    const findings = await asked(clusterId, async () => {
      const { findings: found } = await this.ports.probe.check(await this.ports.directory.access(clusterId));
      return found.map(weighed).filter(({ severity }) => severity !== 'info');
    });
    const isFit = findings.every(({ code, severity }) => severity !== 'error' && !passing.includes(code));
    if (isFit) this.#fit.set(clusterId, { at, findings });
    return findings;
  }
}

function weighed(finding: Finding): Finding {
  if (passing.includes(finding.code)) return { ...finding, severity: 'warning' };
  // A registration prepares it; a new tenant finds it prepared or cannot be made.
  if (finding.code === 'cluster-not-prepared') return { ...finding, severity: 'error' };
  return finding;
}
