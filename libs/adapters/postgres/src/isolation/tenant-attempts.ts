import { type AttemptName, type AttemptOutcome, serviceRole } from '@berth/domain';
import { quoteIdent } from '../connection/index.js';
import type { ProbeSession } from './probe-session.js';
import { outcomeOf, sqlStates, type Try } from './tries.js';

/** Predefined roles of PostgreSQL whose members reach over every tenant of a server. */
const predefinedRoles = [
  ...['pg_read_all_data', 'pg_write_all_data', 'pg_monitor', 'pg_read_all_stats', 'pg_stat_scan_tables'],
  ...['pg_signal_backend', 'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'],
  ...['pg_create_subscription', 'pg_maintain', 'pg_signal_autovacuum_worker'],
];

const nothing = 'berth_isolation_no_such_name';

/** What opens the whole server, or nothing: tried once, whoever the other one is. */
export async function tryServer(session: ProbeSession, admin: string): Promise<readonly AttemptOutcome[]> {
  const outcomes: AttemptOutcome[] = [];
  for (const [attempt, tries] of serverTries(session, admin)) outcomes.push(await outcomeOf(session, attempt, tries));
  return outcomes;
}

function serverTries(session: ProbeSession, admin: string): readonly (readonly [AttemptName, readonly Try[]])[] {
  const { roles } = session;
  const asEach = (make: (role: string) => Omit<Try, 'role'>): readonly Try[] =>
    roles.map((role) => ({ ...make(role), role }));
  const masters = [serviceRole, admin];
  return [
    [
      'service-role',
      [
        memberOf(session.identity.session, masters),
        ...masters.map((role) => ({
          sql: `SET LOCAL ROLE ${quoteIdent(role)}`,
          means: `become ${quoteIdent(role)}`,
          refusedBy: [sqlStates.noRole],
        })),
      ],
    ],
    ['powers', [powersOf(roles)]],
    ['predefined-roles', [memberOf(session.identity.session, predefinedRoles)]],
    ['activity', asEach(() => activity(roles))],
    [
      'passwords',
      [
        ...asEach(() => ({ sql: 'SELECT 1 FROM pg_catalog.pg_authid LIMIT 1', means: 'read password verifiers' })),
        ...asEach(() => ({
          sql: 'SELECT 1 FROM pg_catalog.pg_user_mapping LIMIT 1',
          means: 'read passwords of foreign servers',
        })),
      ],
    ],
    ['server-files', roles.flatMap(fileTries)],
    [
      'server-program',
      asEach(() => ({
        // The right is looked at before the table, and the table is not there: the program never runs.
        sql: `COPY ${nothing} FROM PROGRAM 'true'`,
        means: 'run programs on the server',
        reachedBy: [sqlStates.noTable],
      })),
    ],
    ['temporary-schema', asEach(() => temporarySchemas)],
  ];
}

/** Asked of the login itself, whatever role it has set. */
function memberOf(login: string, names: readonly string[]): Try {
  return {
    role: login,
    sql: `SELECT r.rolname::text AS what FROM pg_catalog.pg_roles r
      WHERE r.rolname = ANY ($1) AND pg_has_role(session_user, r.oid, 'MEMBER') ORDER BY 1`,
    values: [names],
    means: 'act as a member of other roles',
    byRows: true,
  };
}

function powersOf(roles: readonly string[]): Try {
  return {
    sql: `SELECT concat_ws(' ', r.rolname, CASE WHEN r.rolsuper THEN 'SUPERUSER' END, CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END,
        CASE WHEN r.rolreplication THEN 'REPLICATION' END, CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END) AS what
      FROM pg_catalog.pg_roles r
      WHERE r.rolname = ANY ($1) AND (r.rolsuper OR r.rolcreaterole OR r.rolreplication OR r.rolbypassrls) ORDER BY 1`,
    values: [roles],
    means: 'use powers over the whole server',
    byRows: true,
  };
}

/** Berth's own session is among the others: there is always one whose statement must not be seen. */
function activity(roles: readonly string[]): Omit<Try, 'role'> {
  return {
    sql: `SELECT DISTINCT a.usename::text AS what FROM pg_catalog.pg_stat_activity a
      WHERE a.usename IS NOT NULL AND a.usename <> ALL ($1) AND a.query NOT IN ('', '<insufficient privilege>') LIMIT 5`,
    values: [roles],
    means: 'read statements of other sessions',
    byRows: true,
  };
}

/** Each looks at the right first, and fails on a name that is not there. */
function fileTries(role: string): readonly Try[] {
  const { noTable, noFile } = sqlStates;
  return [
    {
      sql: `COPY ${nothing} FROM '/${nothing}'`,
      role,
      means: 'read files of the server',
      reachedBy: [noTable, noFile],
    },
    { sql: `COPY ${nothing} TO '/${nothing}'`, role, means: 'write files of the server', reachedBy: [noTable] },
    {
      sql: `SELECT pg_catalog.pg_read_file('${nothing}')`,
      role,
      means: 'read files of the server',
      reachedBy: [noFile],
    },
    {
      sql: `SELECT pg_catalog.lo_import('/${nothing}')`,
      role,
      means: 'import files of the server',
      reachedBy: [noFile],
    },
    { sql: "SELECT 1 FROM pg_catalog.pg_ls_dir('.') LIMIT 1", role, means: 'list folders of the server' },
  ];
}

const temporarySchemas: Omit<Try, 'role'> = {
  sql: `SELECT n.nspname::text AS what FROM pg_catalog.pg_namespace n
    WHERE n.nspname ~ '^pg_temp_' AND n.oid <> pg_my_temp_schema() AND has_schema_privilege(n.oid, 'USAGE') LIMIT 5`,
  means: 'enter temporary schemas of other sessions',
  byRows: true,
};
