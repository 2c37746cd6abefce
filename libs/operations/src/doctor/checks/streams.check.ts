import { ownerOfStream, tenantsDatabase, type DoctorFix } from '@berth/domain';
import type { ServerReading } from '@berth/ports';
import { type Check, type Remark } from '../check.js';
import { type Evidence, readings } from '../evidence.js';
import { isNeeded, megabytes, streamsIn } from '../stream-evidence.js';

export const streams: Check = {
  name: 'streams',
  examine: (evidence) => ({
    findings: readings(evidence).flatMap(({ clusterId, reading }) =>
      streamsIn(reading)
        .filter((name) => !isNeeded(evidence, name))
        .map((name) => left(evidence, clusterId, reading, name)),
    ),
  }),
};

function left(evidence: Evidence, clusterId: string, { slots, streamParts }: ServerReading, name: string): Remark {
  const slot = slots.find((one) => one.name === name);
  const parts = streamParts.filter((part) => part.name === name).map(({ kind }) => kind);
  const what = [...(slot === undefined ? [] : ['slot']), ...parts].join(', ');
  const keeps =
    slot === undefined
      ? ''
      : ` The slot keeps ${megabytes(slot.retainedBytes)} of the log, and more with every write on the server.`;
  const base = {
    code: 'stream-orphaned',
    severity: slot === undefined ? 'warning' : 'error',
    object: `stream ${name} on cluster ${clusterId}`,
  } as const;
  if (!evidence.knownStreams.has(name))
    return {
      ...base,
      message: `Its ${what} bear a name as Berth gives it, and this catalog knows no such move: another Berth may share the server.${keeps}`,
      remedy: `If no Berth needs it, on the server: SELECT pg_drop_replication_slot('${name}'); DROP PUBLICATION, SUBSCRIPTION, SCHEMA and ROLE ${name}.`,
      fix: null,
    };
  return {
    ...base,
    message: `Its ${what} are left of a move that has ended.${keeps}`,
    remedy: `berth doctor --cluster ${clusterId} --fix`,
    fix: removal(evidence, clusterId, name),
  };
}

function removal(evidence: Evidence, clusterId: string, name: string): DoctorFix | null {
  const owner = ownerOfStream(name);
  if (owner === null) return null;
  const database = evidence.after.clusters.get(clusterId)?.database ?? tenantsDatabase;
  return { kind: 'remove-stream', tenantId: owner.tenantId, clusterId, database, name };
}
