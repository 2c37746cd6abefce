import { BerthError, type Place, type TenantId } from '@berth/domain';
import { done, step } from '@berth/saga';
import { exceptRoom, refuseFaults } from './refuse-faults.js';
import type { Tools } from '../tools.js';

export interface HasFinalDump {
  readonly tenantId: TenantId;
  readonly place: Place;
  readonly finalDump: string;
}

/**
 * The plan looked already; what would be lost may have come since, as a large object, or a view of another schema that the drop
 * takes along.
 */
export const dumpFinally = step<HasFinalDump, Pick<Tools, 'copy'>>()({
  name: 'dump-finally',
  describe: ({ place, finalDump }) => `Dump ${place.schema} of cluster ${place.clusterId} to ${finalDump}.`,
  async run({ input, tools, signal, reportProgress }) {
    const findings = await tools.copy.preflight(input.place, null);
    refuseFaults(exceptRoom(findings), `Nothing of ${input.tenantId} is removed`);
    const dump = await tools.copy.dump(input.place, input.finalDump, { signal, onProgress: reportProgress });
    return { done: { finalDump: { folder: dump.folder, bytes: dump.bytes, sha256: dump.sha256 } } };
  },
  async undo({ input, tools }) {
    await tools.copy.discard(input.finalDump);
    return done;
  },
});

/** A dump that was never restored is a hope, not a backup. */
export const rehearseFinalDump = step<HasFinalDump, Pick<Tools, 'copy'>>()({
  name: 'rehearse-final-dump',
  describe: () => 'Restore the dump into a scratch database, compare every row, drop the scratch.',
  async run({ input, tools, signal, reportProgress }) {
    const report = await tools.copy.rehearse(input.finalDump, input.place, { signal, onProgress: reportProgress });
    if (!report.equal) {
      throw new BerthError(
        'verification-failed',
        `The final dump of ${input.tenantId} does not equal the tenant: ${summary(report)}.`,
        {
          details: { differences: report.differences },
          hint: 'Nothing was removed. Look at the differences, then start the removal again.',
        },
      );
    }
    return { done: { comparedRows: report.rows } };
  },
  nothingToUndo: 'the scratch database is dropped by the step itself, also after a crash',
});

/** The first few differences, for a sentence. */
export function summary(report: {
  readonly differenceCount: number;
  readonly differences: readonly { readonly object: string; readonly message: string }[];
}): string {
  const shown = report.differences.slice(0, 3).map(({ object, message }) => `${object}: ${message}`);
  const more = report.differenceCount - shown.length;
  return shown.join('; ') + (more > 0 ? ` and ${String(more)} more` : '');
}
