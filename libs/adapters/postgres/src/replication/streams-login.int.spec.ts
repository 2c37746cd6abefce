import { accessTo, postgresParts, startPostgres, type TestPostgres, whenAvailable } from '@berth/testing';
import { streamsLoginFindings } from './streams-login.js';

interface Login {
  readonly user: string;
  readonly password: string;
}

const postgres = await postgresParts();

whenAvailable(postgres(15), 'the login for streams of a cluster', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres({ major: 15 });
  });
  afterAll(() => server?.stop());

  const findingsOf = (login: Login | null) => {
    const { user, password } = login ?? { user: '', password: '' };
    return streamsLoginFindings('old', login && { ...accessTo(server, 'old', 'postgres'), user, password });
  };

  it('is good when it is a superuser', async () => {
    expect(await findingsOf(server.superuser)).toEqual([]);
  });

  it('is good when it has what the master of Amazon RDS has', async () => {
    await server.psql(`CREATE ROLE rds_superuser; CREATE ROLE master LOGIN PASSWORD 'test' IN ROLE rds_superuser;
      GRANT EXECUTE ON FUNCTION pg_replication_origin_advance(text, pg_lsn) TO rds_superuser`);
    expect(await findingsOf({ user: 'master', password: 'test' })).toEqual([]);
  });

  it.each<[string, string, () => Login | null]>([
    ['is missing', 'streams-login-missing', () => null],
    ['may too little', 'streams-login-right', () => server.admin],
    ['is refused', 'streams-login-refused', () => ({ ...server.superuser, password: 'another' })],
  ])('is found when it %s, with what to do', async (_what, code, login) => {
    const [finding, ...more] = await findingsOf(login());
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ code, severity: 'error', object: 'cluster old' });
    expect(finding?.remedy).toBeTruthy();
    expect(JSON.stringify(finding)).not.toContain('another');
  });
});
