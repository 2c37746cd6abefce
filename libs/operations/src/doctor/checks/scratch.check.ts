import { type Check } from '../check.js';
import { atWorkOn, readings } from '../evidence.js';

export const scratch: Check = {
  name: 'scratch',
  examine: (evidence) => {
    const seen = readings(evidence).flatMap(({ clusterId, reading }) =>
      reading.scratch.map((database) => ({ clusterId, database, operation: atWorkOn(evidence, clusterId) })),
    );
    return {
      findings: seen
        .filter(({ operation }) => operation === undefined)
        .map(({ clusterId, database }) => ({
          code: 'scratch-left',
          severity: 'warning',
          object: `database ${database} on cluster ${clusterId}`,
          message: 'It is left of a rehearsal that has ended, and holds a copy of a tenant.',
          remedy: `berth doctor --cluster ${clusterId} --fix`,
          fix: { kind: 'drop-scratch', clusterId, database },
        })),
      notExamined: seen.flatMap(({ clusterId, database, operation }) =>
        operation === undefined
          ? []
          : [
              {
                object: `database ${database} on cluster ${clusterId}`,
                because: `It may be that of the operation ${operation.id} (${operation.kind}).`,
              },
            ],
      ),
    };
  },
};
