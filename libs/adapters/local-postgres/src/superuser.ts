import path from 'node:path';
import { advisoryLocks, BerthError, isScramVerifier } from '@berth/domain';
import type { LocalServer } from './local-server.js';
import { runProgram } from './run-program.js';
import { superuser } from './server-settings.js';

export interface AdminLogin {
  readonly name: string;
  /** From scramVerifier: the clear password never comes here. */
  readonly verifier: string;
  /** Predefined roles that the admin is to be in, `pg_signal_backend` say. Default: none, as the cloud's weakest admin. */
  readonly memberOf?: readonly string[];
  /** Whether it may use logical replication, as online moves need it: REPLICATION, and from 16 on `pg_create_subscription`. */
  readonly replication?: boolean;
  /** Whether row-level security does not count for it: who moves tenants whose policies count for their owner too needs that. */
  readonly bypassRls?: boolean;
}

/**
 * Runs SQL as the superuser, over the server's own Unix socket, and answers what it prints (unaligned, one row a line).
 * The SQL goes by stdin: no secret in it can be seen in the process list. Stops at the first error.
 */
export async function runAsSuperuser(server: LocalServer, sql: string, database = 'postgres'): Promise<string> {
  const { files, runAs, record } = await server.created();
  const bin = await server.binFor(record);
  const { port = record.port } = await server.status();
  // Terse: psql would otherwise quote the line with the error, which may be the one with the verifier.
  const options = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=terse', '-f', '-'];
  const { code, stdout, stderr } = await runProgram(path.join(bin, 'psql'), options, {
    runAs,
    input: sql,
    env: {
      PGHOST: files.socket,
      PGPORT: String(port),
      PGUSER: superuser,
      PGDATABASE: database,
      PGCONNECT_TIMEOUT: '10',
    },
  });
  if (code === 0) return stdout;
  throw new BerthError('local-server-failed', `SQL of the superuser failed in ${files.folder}: ${stderr.trim()}`, {
    details: { folder: files.folder, database },
  });
}

/** Makes the admin login, or brings an existing one to what it should be: it makes roles and databases, and is no superuser. */
export async function createAdminLogin(server: LocalServer, admin: AdminLogin): Promise<void> {
  if (!isScramVerifier(admin.verifier)) {
    throw new BerthError('local-server-failed', 'the verifier of the admin login is not a SCRAM-SHA-256 verifier');
  }
  const name = roleName(admin.name);
  const replication = admin.replication === true;
  const may = `${replication ? '' : 'NO'}REPLICATION ${admin.bypassRls === true ? '' : 'NO'}BYPASSRLS`;
  const rights = `LOGIN NOSUPERUSER CREATEROLE CREATEDB INHERIT ${may}`;
  const grants = (admin.memberOf ?? []).map((role) => `GRANT ${roleName(role)} TO ${name};`);
  await runAsSuperuser(
    server,
    [
      'BEGIN;',
      `SELECT pg_advisory_xact_lock(${advisoryLocks.makeAdmin.join(', ')}) \\g /dev/null`,
      `SELECT 'CREATE ROLE ${name}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') \\gexec`,
      `ALTER ROLE ${name} WITH ${rights} PASSWORD '${admin.verifier}';`,
      ...grants,
      ...(replication
        ? [
            `SELECT format('GRANT %I TO ${name}', rolname) FROM pg_roles WHERE rolname = 'pg_create_subscription' \\gexec`,
          ]
        : []),
      'COMMIT;',
    ].join('\n'),
  );
}

/**
 * Makes the login for streams, or brings an existing one to what it should be: a superuser, as PostgreSQL 15 wants for them, which
 * comes by the network and so has a password. Berth uses it for streams and for nothing else.
 */
export async function createStreamsLogin(
  server: LocalServer,
  { name: wanted, verifier }: Pick<AdminLogin, 'name' | 'verifier'>,
): Promise<void> {
  if (!isScramVerifier(verifier))
    throw new BerthError(
      'local-server-failed',
      'the verifier of the login for streams is not a SCRAM-SHA-256 verifier',
    );
  const name = roleName(wanted);
  await runAsSuperuser(
    server,
    [
      'BEGIN;',
      `SELECT pg_advisory_xact_lock(${advisoryLocks.makeAdmin.join(', ')}) \\g /dev/null`,
      `SELECT 'CREATE ROLE ${name}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') \\gexec`,
      `ALTER ROLE ${name} WITH LOGIN SUPERUSER CONNECTION LIMIT 20 PASSWORD '${verifier}';`,
      'COMMIT;',
    ].join('\n'),
  );
}

function roleName(name: string): string {
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(name) && name !== superuser) return name;
  throw new BerthError(
    'invalid-name',
    `${JSON.stringify(name)} cannot be the name of a login: a-z, 0-9 and _ only, not ${superuser}`,
  );
}
