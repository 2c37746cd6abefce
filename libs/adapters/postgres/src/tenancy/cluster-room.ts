import type { ClusterAccess, Finding } from '@berth/domain';
import type { ClusterWishes } from '@berth/ports';
import type { ClusterFacts, InUse } from './cluster-facts.js';

/** A finding about the cluster as a whole. */
export type Remark = Omit<Finding, 'object'>;

/** An online move takes one slot and one sender for each direction, and the server makes a second of each for a moment. */
const leastFreeForOnline = 4;

export function error(code: string, message: string, remedy: string): Remark {
  return { code, severity: 'error', message, remedy };
}

export function warning(code: string, message: string, remedy: string): Remark {
  return { code, severity: 'warning', message, remedy };
}

export function info(code: string, message: string, remedy: string | null): Remark {
  return { code, severity: 'info', message, remedy };
}

/** What an online move needs of the server. Without `logical` the rest does not matter. */
export function replicationRemarks(facts: ClusterFacts): readonly Remark[] {
  const { walLevel, slots, senders, applyWorkers, workers } = facts;
  if (walLevel !== 'logical') {
    return [
      info(
        'wal-level',
        `wal_level is ${walLevel}: tenants can move by dump only.`,
        "Set wal_level = 'logical' and restart, for online moves.",
      ),
    ];
  }
  const scarce: readonly (readonly [string, string, string, InUse])[] = [
    ['replication-slots', 'replication slots', 'max_replication_slots', slots],
    ['wal-senders', 'WAL senders', 'max_wal_senders', senders],
  ];
  const apply = Math.min(applyWorkers, workers);
  return [
    info(
      'wal-level',
      `wal_level is logical: tenants can move online. Free: ${freeOf(slots)} replication slots, ${freeOf(senders)} WAL senders; ${String(apply)} apply workers at most.`,
      null,
    ),
    ...scarce
      .filter(([, , , { used, most }]) => most - used < leastFreeForOnline)
      .map(([code, what, setting, inUse]) =>
        warning(code, `Only ${freeOf(inUse)} ${what} are free.`, `Raise ${setting}, or drop what is not used.`),
      ),
    ...(apply < leastFreeForOnline
      ? [
          warning(
            'apply-workers',
            `The server may run ${String(apply)} apply workers only.`,
            'Raise max_logical_replication_workers, and max_worker_processes to at least as many.',
          ),
        ]
      : []),
  ];
}

function freeOf({ used, most }: InUse): string {
  return `${String(most - used)} of ${String(most)}`;
}

/** Each wanted extension that is not there; a move would find it out much later. */
export function extensionRemarks(
  { extensions }: ClusterFacts,
  { database, user }: ClusterAccess,
  wishes: ClusterWishes,
): readonly Remark[] {
  return wishes.extensions.flatMap((name) => {
    const found = extensions.find((one) => one.name === name);
    if (found === undefined)
      return [
        error(
          'extension-missing',
          `The server has no extension ${name}.`,
          `Install the server's package with ${name}.`,
        ),
      ];
    if (found.installed) return [];
    const who = found.trusted ? user : 'a superuser';
    return [
      warning(
        'extension-not-created',
        `The extension ${name} is on the server, and not in database ${database}.`,
        `As ${who}, in ${database}: CREATE EXTENSION ${name}`,
      ),
    ];
  });
}

/** PostgreSQL tells nobody how much of the disk is free: what is used is all that can be seen from here. */
export function roomRemarks(
  { bytes, schemas, connections, maxConnections, reserved }: ClusterFacts,
  { maxTenants }: ClusterWishes,
): readonly Remark[] {
  const open = maxConnections - reserved;
  const tenants = maxTenants === null ? 'no limit of tenants' : `room for ${String(maxTenants)} tenants`;
  const there = info(
    'room',
    `${String(connections)} of ${String(open)} connections are used, ${String(Math.round(bytes / 1_000_000))} MB of disk; ${tenants}. How much disk is free cannot be seen by SQL.`,
    null,
  );
  if (schemas === 0) return [there];
  return [
    there,
    info(
      'schemas-present',
      `The tenants' database has ${String(schemas)} schemas already.`,
      'One that a tenant is to have can be adopted; the others are left alone.',
    ),
  ];
}
