import type { Finding, Place } from '@berth/domain';
import type { Connection } from '../connection/index.js';
import { needsStreamsLogin } from './recipe.js';

/** The first whose statements for slots and rights are those that are used here. */
const firstMajor = 15;

export interface ServerFacts {
  readonly major: number;
  readonly walLevel: string;
  readonly slotsFree: number;
  readonly sendersFree: number;
  readonly workersFree: number;
  readonly originsFree: number;
  /** As the server writes it; null: it throws nothing away. */
  readonly keepsAtMost: string | null;
  /** Also those that a block runs, by an extension. */
  readonly keepsStatements: boolean;
  readonly mayReplicate: boolean;
  readonly maySubscribe: boolean;
  readonly mayCreate: boolean;
  readonly passesPolicies: boolean;
}

const factsQuery = `
  SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('wal_level') AS "walLevel",
    current_setting('max_replication_slots')::int - (SELECT count(*)::int FROM pg_replication_slots) AS "slotsFree",
    current_setting('max_wal_senders')::int - (SELECT count(*)::int FROM pg_stat_replication) AS "sendersFree",
    least(current_setting('max_logical_replication_workers')::int, current_setting('max_worker_processes')::int)
      - (SELECT count(*)::int FROM pg_subscription WHERE subenabled) AS "workersFree",
    coalesce(current_setting('max_active_replication_origins', true), current_setting('max_replication_slots'))::int
      - (SELECT count(*)::int FROM pg_subscription) AS "originsFree",
    nullif(current_setting('max_slot_wal_keep_size'), '-1') AS "keepsAtMost",
    coalesce(current_setting('pgaudit.log', true), '') NOT IN ('', 'none')
      OR coalesce(current_setting('pg_stat_statements.track', true), '') = 'all' AS "keepsStatements",
    me.rolreplication OR me.rolsuper OR EXISTS (SELECT FROM pg_roles r WHERE r.rolname = 'rds_replication' AND pg_has_role(r.oid, 'USAGE')) AS "mayReplicate",
    me.rolsuper OR EXISTS (SELECT FROM pg_roles r WHERE r.rolname = 'pg_create_subscription' AND pg_has_role(r.oid, 'USAGE')) AS "maySubscribe",
    has_database_privilege(current_database(), 'CREATE') AS "mayCreate",
    me.rolsuper OR me.rolbypassrls AS "passesPolicies"
  FROM pg_roles me WHERE me.rolname = session_user`;

/**
 * One slot and sender a direction; making a slot takes another of each for a moment. Of origins, which a subscription's worker needs and
 * without which it starts again and again, PostgreSQL 18 has ten unless it is told otherwise.
 */
const leastFree = 2;

export interface End {
  readonly place: Place;
  readonly facts: ServerFacts | undefined;
}

export async function readServerFacts(client: Connection): Promise<ServerFacts | undefined> {
  return (await client.query<ServerFacts>(factsQuery)).rows[0];
}

/** Both ends send and receive: the way back starts before the switch. */
export function serverFindings({ place: { clusterId, database }, facts }: End): readonly Finding[] {
  if (facts === undefined) return [];
  const object = `cluster ${clusterId}`;
  const add = (
    when: boolean,
    code: string,
    message: string,
    remedy: string,
    severity: Finding['severity'] = 'error',
  ): readonly Finding[] => (when ? [{ code, severity, object, message, remedy }] : []);
  if (facts.major < firstMajor) {
    return add(
      true,
      'online-needs-newer',
      `It runs PostgreSQL ${String(facts.major)}; online moves need ${String(firstMajor)} or newer at both ends.`,
      'Move the tenant by dump, or upgrade the server.',
    );
  }
  return [
    ...add(
      facts.walLevel !== 'logical',
      'wal-level',
      `wal_level is ${facts.walLevel}.`,
      "Set wal_level = 'logical' and restart the server, or move by dump.",
    ),
    ...add(
      facts.slotsFree < leastFree,
      'replication-slots',
      `Only ${String(facts.slotsFree)} replication slots are free, ${String(leastFree)} are needed.`,
      'Raise max_replication_slots, or drop what is not used.',
    ),
    ...add(
      facts.sendersFree < leastFree,
      'wal-senders',
      `Only ${String(facts.sendersFree)} WAL senders are free, ${String(leastFree)} are needed.`,
      'Raise max_wal_senders, or end what is not used.',
    ),
    ...add(
      facts.workersFree < leastFree,
      'apply-workers',
      `Only ${String(facts.workersFree)} more subscriptions can be applied, ${String(leastFree)} are needed.`,
      'Raise max_logical_replication_workers, and max_worker_processes to more than that; or complete moves that are switched.',
    ),
    ...add(
      facts.originsFree < leastFree,
      'replication-origins',
      `Only ${String(facts.originsFree)} more subscriptions can be at work, ${String(leastFree)} are needed.`,
      'Raise max_active_replication_origins (up to PostgreSQL 17: max_replication_slots), or complete moves that are switched.',
    ),
    ...add(
      facts.keepsAtMost !== null,
      'log-thrown-away',
      `The server throws log away that a move still needs when there is more than ${facts.keepsAtMost ?? ''} of it (max_slot_wal_keep_size): the move then fails, before its switch.`,
      'See that it is more than what is written there while the rows are copied.',
      'warning',
    ),
    ...add(
      facts.keepsStatements,
      'statements-kept',
      'An extension of the server keeps statements that run inside others (pgaudit.log, pg_stat_statements.track = all): the password by which it follows the other end stands there, and opens that end until the move is completed.',
      'See who reads what it keeps, or for the login that makes subscriptions, as a superuser: ALTER ROLE <login> SET pgaudit.log = none; ALTER ROLE <login> SET pg_stat_statements.track = top',
      'warning',
    ),
    ...add(
      !facts.mayReplicate,
      'replication-right',
      'The admin login may not use replication.',
      'As a superuser: ALTER ROLE <admin> REPLICATION. On Amazon RDS: GRANT rds_replication TO <admin> WITH ADMIN OPTION.',
    ),
    ...add(
      !needsStreamsLogin(facts.major) && !facts.maySubscribe,
      'subscription-right',
      'The admin login may not create subscriptions.',
      'As a superuser: GRANT pg_create_subscription TO <admin>',
    ),
    ...add(
      !facts.mayCreate,
      'create-right',
      `The admin login may create nothing in database ${database}.`,
      `As its owner: GRANT CREATE ON DATABASE ${database} TO <admin>`,
    ),
  ];
}
