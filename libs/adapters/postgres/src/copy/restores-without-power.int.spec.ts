import { startTenantPair, type TenantPair } from '@berth/testing';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantCopy } from './postgres-tenant-copy.js';

const quiet = { signal: new AbortController().signal, onProgress: () => undefined };

/**
 * What a tenant's login may make, and a restore runs: a check that looks who it is. The role of the session is what RESET ROLE
 * leads to, so it must be nobody of power. It raises where a CREATEROLE role could take over the server.
 */
const trap = `
  CREATE FUNCTION looks() RETURNS boolean LANGUAGE plpgsql AS $$
  BEGIN
    IF pg_has_role(session_user, current_user, 'MEMBER') AND EXISTS (
      SELECT FROM pg_roles WHERE rolname = session_user AND (rolcreaterole OR rolcreatedb) AND NOT rolsuper)
    THEN RAISE EXCEPTION 'the tenant could become %', session_user; END IF;
    RETURN true;
  END $$;
  CREATE TABLE trapped (id int CHECK (looks()));
  INSERT INTO trapped VALUES (1), (2);`;

describe('a restore, which runs what the tenant wrote', () => {
  let pair: TenantPair;
  let connections: ClusterConnections;
  let copy: PostgresTenantCopy;

  beforeAll(async () => {
    pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql) });
    connections = new ClusterConnections(pair.directory);
    const programsFor = (major: number) => pair.programsFor(major);
    copy = new PostgresTenantCopy({ connections, dumpsFolder: pair.dumps, programsFor });
    await pair.run(pair.source, trap);
    await copy.dump(pair.source, 'trapped', quiet);
  });
  afterAll(async () => {
    await connections?.close();
    await pair?.close();
  });

  const left = `SELECT count(*) FROM pg_roles WHERE rolname LIKE '%\\_\\_m'`;

  it('does so as a login that can do nothing but be this tenant, and that is gone afterwards', async () => {
    await copy.restore('trapped', pair.target, pair.actor, quiet);
    expect(await pair.run(pair.target, 'SELECT count(*) FROM trapped')).toBe('2');
    expect(await pair.targetServer.psql(left)).toBe('0');
  });

  it('rehearses in the same way', async () => {
    expect(await copy.rehearse('trapped', pair.source, quiet)).toMatchObject({ equal: true, rows: 2 });
    expect(await pair.sourceServer.psql(left)).toBe('0');
  });

  it('replaces the login that a crash left', async () => {
    await pair.targetServer.psql(`CREATE ROLE ${pair.target.ownerRole}__m LOGIN IN ROLE ${pair.target.ownerRole}`);
    await pair.targetServer.psql(
      `GRANT ${pair.target.ownerRole}__m TO ${pair.targetServer.admin.user} WITH ADMIN OPTION`,
    );
    await copy.restore('trapped', pair.target, pair.actor, quiet);
    expect(await pair.targetServer.psql(left)).toBe('0');
  });
});
