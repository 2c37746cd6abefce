import type { ServerReading } from '@berth/ports';
import { type Check, remark, type Remark } from '../check.js';
import { type Evidence, readings } from '../evidence.js';

interface Unsafe {
  readonly setting: string;
  readonly isUnsafe: (value: string) => boolean;
  readonly severity: Remark['severity'];
  /** What happens, after the name of the setting and its value. */
  readonly because: string;
  readonly safe: string;
  /** Only where an online move is open. */
  readonly whileMoving?: true;
}

const unsafe: readonly Unsafe[] = [
  {
    setting: 'fsync',
    isUnsafe: (value) => value === 'off',
    severity: 'error',
    because: 'if the machine fails, commits that were acknowledged are lost, and the whole server may be broken',
    safe: 'on',
  },
  {
    setting: 'full_page_writes',
    isUnsafe: (value) => value === 'off',
    severity: 'error',
    because: 'a page that was half written when the machine failed stays broken, and nobody is told',
    safe: 'on',
  },
  {
    setting: 'log_statement',
    isUnsafe: (value) => value !== 'none',
    severity: 'warning',
    because: 'passwords that a statement holds are written to the log, as of a login that a client changes',
    safe: 'none',
  },
  {
    setting: 'max_slot_wal_keep_size',
    isUnsafe: (value) => value === '-1',
    severity: 'info',
    because: 'a move is open, and while nobody looks after it, the log that is kept for it may fill the disk',
    safe: '32GB',
    whileMoving: true,
  },
];

export const settings: Check = {
  name: 'settings',
  examine: (evidence) => {
    const seen = readings(evidence);
    return {
      findings: seen.flatMap(({ clusterId, reading }) => [
        ...settingsOf(evidence, clusterId, reading),
        ...trustOn(clusterId, reading),
      ]),
      notExamined: seen
        .filter(({ reading }) => reading.trust === null)
        .map(({ clusterId }) => ({
          object: `pg_hba.conf of cluster ${clusterId}`,
          because:
            'The admin may not read it. A superuser allows it: GRANT SELECT ON pg_hba_file_rules and EXECUTE ON FUNCTION pg_hba_file_rules().',
        })),
    };
  },
};

function settingsOf(evidence: Evidence, clusterId: string, reading: ServerReading): readonly Remark[] {
  const moving = evidence.after.moves.some(
    (move) => move.strategy === 'online' && [move.fromClusterId, move.toClusterId].includes(clusterId),
  );
  return unsafe.flatMap(({ setting, isUnsafe, severity, because, safe, whileMoving }) => {
    const value = reading.settings[setting];
    if (value === undefined || !isUnsafe(value) || (whileMoving === true && !moving)) return [];
    const remedy = `As a superuser: ALTER SYSTEM SET ${setting} = '${safe}'; SELECT pg_reload_conf()`;
    const message = `${setting} is ${value}: ${because}.`;
    return [remark(severity, 'unsafe-setting', `cluster ${clusterId}`, message, remedy)];
  });
}

const thisMachine = /(^| )(127\.0\.0\.\d+|::1)( |\/|$)/;

function trustOn(clusterId: string, { trust }: ServerReading): readonly Remark[] {
  return (trust ?? []).map(({ line, text }) => {
    const here = thisMachine.test(text);
    const message = `Line ${String(line)} of pg_hba.conf lets in whoever reaches the server, as any tenant, without a password${here ? ', from the machine itself' : ''}: ${text}`;
    const remedy = `By the hand of whoever runs the server: write scram-sha-256 instead of trust in line ${String(line)}. Then, as a superuser: SELECT pg_reload_conf()`;
    return remark(here ? 'warning' : 'error', 'unsafe-setting', `cluster ${clusterId}`, message, remedy);
  });
}
