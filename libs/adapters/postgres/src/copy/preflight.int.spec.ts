import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Finding } from '@berth/domain';
import { BerthError } from '@berth/domain';
import { awkwardSchema, startTenantPair, type TenantPair } from '@berth/testing';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantFence } from '../fence/postgres-tenant-fence.js';
import { PostgresTenantCopy } from './postgres-tenant-copy.js';

interface Seed {
  readonly code: string;
  readonly severity: Finding['severity'];
  /** Run by the superuser in the source's database, with search_path set to the tenant's schema. */
  readonly sql: string;
  readonly object: string;
}

const seeds: readonly Seed[] = [
  {
    code: 'foreign-table',
    severity: 'error',
    object: 'table tenant_acme.far',
    sql: `CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE far (id int) SERVER s; ALTER TABLE far OWNER TO tenant_acme`,
  },
  {
    code: 'forced-row-security',
    severity: 'error',
    object: 'table tenant_acme.guarded',
    sql: 'ALTER TABLE guarded FORCE ROW LEVEL SECURITY',
  },
  { code: 'unlogged-table', severity: 'info', object: 'table tenant_acme.cache', sql: '' },
  {
    code: 'owned-by-another',
    severity: 'error',
    object: 'relation tenant_acme.theirs',
    sql: 'CREATE TABLE theirs (id int)',
  },
  { code: 'extension-in-schema', severity: 'error', object: 'extension pg_trgm', sql: 'CREATE EXTENSION pg_trgm' },
  {
    code: 'needs-other-schema',
    severity: 'error',
    object: 'table column tenant_acme.account.elsewhere',
    sql: `CREATE SCHEMA elsewhere; CREATE TYPE elsewhere.e AS ENUM ('a'); ALTER TABLE account ADD elsewhere elsewhere.e`,
  },
  {
    code: 'needed-by-other-schema',
    severity: 'error',
    object: 'table column tenant_acme.word.n',
    sql: 'CREATE SCHEMA reports; CREATE VIEW reports.words AS SELECT n FROM word',
  },
  {
    code: 'owns-elsewhere',
    severity: 'error',
    object: 'table aside.kept',
    sql: 'CREATE SCHEMA aside; CREATE TABLE aside.kept (id int); ALTER TABLE aside.kept OWNER TO tenant_acme',
  },
  {
    code: 'large-objects',
    severity: 'error',
    object: 'large objects of tenant_acme',
    sql: `SELECT lo_from_bytea(424242, '\\x01'); ALTER LARGE OBJECT 424242 OWNER TO tenant_acme`,
  },
  {
    code: 'prepared-transaction',
    severity: 'error',
    object: `prepared transaction 'two-phase'`,
    sql: `SET SESSION AUTHORIZATION tenant_acme; BEGIN; INSERT INTO word VALUES ('p', 1); PREPARE TRANSACTION 'two-phase'`,
  },
  {
    code: 'published-table',
    severity: 'warning',
    object: 'table tenant_acme.word',
    sql: 'CREATE PUBLICATION news FOR TABLE word',
  },
  {
    code: 'extension-missing',
    severity: 'error',
    object: 'cluster cluster-target',
    sql: 'CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; ALTER TABLE account ADD soft ext.citext',
  },
  {
    code: 'grantee-missing',
    severity: 'error',
    object: 'cluster cluster-target',
    sql: 'CREATE ROLE reporter; GRANT SELECT ON word TO reporter',
  },
];

describe('the preflight of a copy', () => {
  let pair: TenantPair;
  let connections: ClusterConnections;
  let findings: readonly Finding[] = [];

  const copyWith = (programsFor: (major: number) => Promise<string>): PostgresTenantCopy =>
    new PostgresTenantCopy({ connections, dumpsFolder: pair.dumps, programsFor });

  beforeAll(async () => {
    pair = await startTenantPair({
      berthSchema: berthSchema.map(({ sql }) => sql),
      source: { settings: { max_prepared_transactions: '2' } },
    });
    connections = new ClusterConnections(pair.directory);
    await pair.run(pair.source, awkwardSchema);
    await new PostgresTenantFence(connections).prepare(pair.source, 2, pair.actor);
    const copy = copyWith((major) => pair.programsFor(major));
    const before = await copy.preflight(pair.source, pair.target);
    expect(before.filter(({ severity }) => severity !== 'info')).toEqual([]);
    for (const { sql } of seeds) {
      if (sql !== '')
        await pair.sourceServer.psql(`SET search_path = ${pair.source.schema};\n${sql}`, pair.source.database);
    }
    findings = await copy.preflight(pair.source, pair.target);
  });
  afterAll(async () => {
    await connections?.close();
    await pair?.close();
  });

  it.each(seeds)('finds $code', ({ code, severity, object }) => {
    expect(findings).toContainEqual(expect.objectContaining({ code, severity, object }));
  });

  it('tells size and room, and each fault once, with what to do', () => {
    expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining(['estimated-size', 'dump-room']));
    const faults = findings.filter(({ severity }) => severity === 'error');
    expect(new Set(faults.map(({ code, object, message }) => `${code} ${object} ${message}`)).size).toBe(faults.length);
    for (const fault of faults)
      expect(fault).toMatchObject({ remedy: expect.stringMatching(/.../), message: expect.stringMatching(/\.$/) });
    expect(new Set(faults.map(({ code }) => code))).toEqual(
      new Set(seeds.filter(({ severity }) => severity === 'error').map(({ code }) => code)),
    );
  });

  it('names programs that are not there', async () => {
    const copy = copyWith(() =>
      Promise.reject(new BerthError('postgres-programs-missing', 'No pg_dump 15.', { hint: 'Install it.' })),
    );
    expect(await copy.preflight(pair.source, pair.target)).toContainEqual({
      code: 'postgres-programs-missing',
      severity: 'error',
      object: 'pg_dump and pg_restore 15',
      message: 'No pg_dump 15.',
      remedy: 'Install it.',
    });
  });

  it('warns of programs older than their server, which may write down what no target takes', async () => {
    const major = Math.floor(Number(await pair.sourceServer.psql('SHOW server_version_num')) / 10_000);
    const folder = path.join(pair.dumps, 'old-programs');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'pg_dump'), `#!/bin/sh\necho 'pg_dump (PostgreSQL) ${String(major)}.0'\n`, {
      mode: 0o755,
    });
    expect(await copyWith(async () => folder).preflight(pair.source, pair.target)).toContainEqual(
      expect.objectContaining({
        code: 'programs-older',
        severity: 'warning',
        object: `pg_dump ${String(major)}`,
        message: expect.stringContaining(`version ${String(major)}.0, its server of ${String(major)}.`) as string,
      }),
    );
  });

  it('finds a target of another encoding and collation', async () => {
    await pair.targetServer.psql(
      `CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'POSIX' LC_CTYPE 'POSIX' OWNER berth_admin`,
    );
    const found = await copyWith((major) => pair.programsFor(major)).preflight(pair.source, {
      clusterId: pair.target.clusterId,
      database: 'latin',
    });
    expect(found.map(({ code }) => code)).toEqual(expect.arrayContaining(['encoding-differs', 'collation-differs']));
  });
});
