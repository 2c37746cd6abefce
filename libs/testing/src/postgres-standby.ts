import { appendFile, chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findPostgresPrograms, LocalServer, runAsSuperuser, runProgram } from '@berth/local-postgres';
import type { TestPostgres } from './postgres-server.js';

const baseBackupTimeoutMs = 60_000;

/** A real standby that follows a server of a test by streaming, and answers reads. It ends with the Jest process, however that ends. */
export interface TestStandby {
  /** Runs SQL as the superuser on the standby. */
  psql(sql: string): Promise<string>;
  /** Stops it and removes everything. */
  stop(): Promise<void>;
}

/** Copies the primary by `pg_basebackup` and follows it under `name`. The primary needs a sender that is free. */
export async function startStandby(primary: TestPostgres, name: string): Promise<TestStandby> {
  const programs = await findPostgresPrograms({ explicit: primary.bin });
  const top = await mkdtemp(path.join(tmpdir(), 'berth-pg-'));
  await chmod(top, 0o711);
  const server = new LocalServer({ folder: path.join(top, 'server'), programs });
  const stop = async (): Promise<void> => {
    await server.destroy();
    await rm(top, { recursive: true, force: true });
  };
  try {
    await server.create({ purpose: 'test' });
    const { files, runAs } = await server.created();
    await letReplicate(primary);
    await rm(files.data, { recursive: true });
    const { user, password } = primary.superuser;
    const conninfo = `host=${primary.host} port=${String(primary.port)} user=${user} application_name=${name}`;
    const options = ['-D', files.data, '-d', conninfo, '--write-recovery-conf', '--checkpoint=fast', '--no-sync'];
    const { code, stderr } = await runProgram(path.join(programs.bin, 'pg_basebackup'), options, {
      ...{ runAs, env: { PGPASSWORD: password }, timeoutMs: baseBackupTimeoutMs },
    });
    if (code !== 0) throw new Error(`pg_basebackup failed: ${stderr.trim()}`);
    await server.start({ lifetime: 'with-this-process', removeFolder: top });
    return { psql: async (sql) => (await runAsSuperuser(server, sql)).trimEnd(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `all` databases in pg_hba.conf are no replication. */
async function letReplicate(primary: TestPostgres): Promise<void> {
  await appendFile(await primary.psql('SHOW hba_file'), 'host replication all 127.0.0.1/32 scram-sha-256\n');
  await primary.psql('SELECT pg_reload_conf()');
}
