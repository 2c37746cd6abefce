import { BerthError } from '@berth/domain';
import { loadConfig } from './config.js';
import { secretStoreSettings } from './secret-store-settings.js';

const complete = {
  BERTH_CATALOG_URL: 'postgresql://berth:hunter2@127.0.0.1:5432/berth',
  BERTH_SECRETS_DIR: '/var/lib/berth/secrets',
  BERTH_INSTANCES_DIR: '/var/lib/berth/instances',
  BERTH_DUMPS_DIR: '/var/lib/berth/dumps',
};

function faultsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(BerthError);
    expect((error as BerthError).code).toBe('config-invalid');
    return (error as BerthError).details['faults'] as readonly string[];
  }
  return [];
}

describe('loadConfig', () => {
  it('needs four settings and has a default for the rest', () => {
    const config = loadConfig(complete);
    expect(config.BERTH_API_PORT).toBe(8020);
    expect(config.BERTH_RETENTION_DAYS).toBe(7);
    expect(config.BERTH_TRUSTED_PROXIES).toEqual([]);
    expect(config.BERTH_REDIS_URL).toBeUndefined();
  });

  it('reads numbers and lists', () => {
    const config = loadConfig({ ...complete, BERTH_API_PORT: '0', BERTH_TRUSTED_PROXIES: '10.0.0.1, fd00::/8' });
    expect(config.BERTH_API_PORT).toBe(0);
    expect(config.BERTH_TRUSTED_PROXIES).toEqual(['10.0.0.1', 'fd00::/8']);
  });

  it('needs two more for instances in AWS', () => {
    const aws = { ...complete, BERTH_INFRASTRUCTURE: 'aws' };
    expect(faultsOf(aws).map((fault) => fault.split(':')[0])).toEqual(['BERTH_AWS_SETTINGS_FILE', 'BERTH_AWS_CA_FILE']);
    expect(faultsOf({ ...aws, BERTH_AWS_SETTINGS_FILE: '/aws.json', BERTH_AWS_CA_FILE: '/rds.pem' })).toEqual([]);
  });

  it('takes an empty setting as one that is not there', () => {
    expect(loadConfig({ ...complete, BERTH_PG_BIN: '', BERTH_API_PORT: '' }).BERTH_API_PORT).toBe(8020);
  });

  it('names every fault at once, and no value', () => {
    const faults = faultsOf({
      BERTH_CATALOG_URL: 'mysql://root:hunter2@db/berth',
      BERTH_SECRETS_DIR: '/s',
      BERTH_API_PORT: '70000',
      BERTH_LOG_LEVEL: 'loud',
      BERTH_LEASE_MS: 'soon',
      BERTH_TRUSTED_PROXIES: 'everybody',
    });
    expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual([
      'BERTH_API_PORT',
      'BERTH_CATALOG_URL',
      'BERTH_DUMPS_DIR',
      'BERTH_INSTANCES_DIR',
      'BERTH_LEASE_MS',
      'BERTH_LOG_LEVEL',
      'BERTH_TRUSTED_PROXIES',
    ]);
    expect(faults.join('\n')).not.toMatch(/hunter2|mysql|70000|loud|soon|everybody/);
    expect(faults.find((fault) => fault.startsWith('BERTH_DUMPS_DIR'))).toBe('BERTH_DUMPS_DIR: is missing');
  });

  it('refuses settings that contradict each other, beside all other faults', () => {
    const faults = faultsOf({
      ...complete,
      BERTH_API_PORT: 'x',
      BERTH_MIGRATIONS_DIR: '/m',
      BERTH_MIGRATIONS_COMMAND: 'npx prisma migrate deploy',
    });
    expect(faults).toEqual([
      'BERTH_API_PORT: must be a number',
      'BERTH_MIGRATIONS_DIR and BERTH_MIGRATIONS_COMMAND: only one of them may be set',
      'BERTH_MIGRATIONS_RELEASE: is missing; BERTH_MIGRATIONS_COMMAND needs it',
    ]);
  });
});

describe('the secret store of a configuration', () => {
  const { BERTH_SECRETS_DIR: _, ...rest } = complete;
  const vault = { ...rest, BERTH_SECRET_STORE: 'vault', BERTH_VAULT_URL: 'https://vault.example.com:8200' };

  it('is a folder, unless something else is asked for', () => {
    expect(secretStoreSettings(loadConfig(complete))).toEqual({ store: 'local', folder: '/var/lib/berth/secrets' });
    expect(faultsOf(rest)).toEqual(['BERTH_SECRETS_DIR: is missing']);
  });

  it('is a Vault with a login, and needs no folder then', () => {
    const given = { BERTH_VAULT_ROLE_ID: 'berth', BERTH_VAULT_SECRET_ID_FILE: '/run/secrets/berth' };
    expect(secretStoreSettings(loadConfig({ ...vault, ...given }))).toMatchObject({
      store: 'vault',
      mount: 'secret',
      prefix: '',
      login: { method: 'approle', mount: 'approle', roleId: 'berth', secretIdFile: '/run/secrets/berth' },
    });
    const kubernetes = { BERTH_VAULT_AUTH: 'kubernetes', BERTH_VAULT_AUTH_MOUNT: 'k8s/eu', BERTH_VAULT_ROLE: 'berth' };
    expect(secretStoreSettings(loadConfig({ ...vault, ...kubernetes }))).toMatchObject({
      login: {
        method: 'kubernetes',
        mount: 'k8s/eu',
        role: 'berth',
        jwtFile: expect.stringContaining('serviceaccount'),
      },
    });
    const token = { BERTH_VAULT_AUTH: 'token', BERTH_VAULT_TOKEN_FILE: '/t' };
    expect(secretStoreSettings(loadConfig({ ...vault, ...token }))).toMatchObject({
      login: { method: 'token', tokenFile: '/t' },
    });
  });

  it('names everything that the chosen login lacks, together with all other faults', () => {
    const wrong = { BERTH_SECRET_STORE: 'vault', BERTH_VAULT_MOUNT: '../sys', BERTH_VAULT_TIMEOUT_MS: 'soon' };
    expect(faultsOf({ ...rest, ...wrong }).map((fault) => fault.split(':')[0])).toEqual([
      'BERTH_VAULT_MOUNT',
      'BERTH_VAULT_TIMEOUT_MS',
      'BERTH_VAULT_URL',
      'BERTH_VAULT_ROLE_ID',
      'BERTH_VAULT_SECRET_ID_FILE',
    ]);
    expect(faultsOf({ ...vault, BERTH_VAULT_AUTH: 'kubernetes' })).toEqual([
      'BERTH_VAULT_ROLE: is missing; BERTH_VAULT_AUTH=kubernetes needs it',
    ]);
    expect(faultsOf({ ...vault, BERTH_VAULT_AUTH: 'token' })).toEqual([
      'BERTH_VAULT_TOKEN_FILE: is missing; BERTH_VAULT_AUTH=token needs it',
    ]);
  });

  it('takes a Redis with its certificates and a prefix, and refuses what makes no sense of it', () => {
    const redis = {
      ...complete,
      BERTH_REDIS_URL: 'rediss://berth:hunter2@redis:6380/1',
      BERTH_REDIS_CA_FILE: '/ca.pem',
    };
    expect(loadConfig(redis)).toMatchObject({ BERTH_REDIS_PREFIX: 'berth', BERTH_REDIS_CA_FILE: '/ca.pem' });
    expect(faultsOf({ ...redis, BERTH_REDIS_URL: 'redis://berth:hunter2@redis' })).toEqual([
      'BERTH_REDIS_CA_FILE: needs a BERTH_REDIS_URL that begins with rediss://',
    ]);
    expect(faultsOf({ ...redis, BERTH_REDIS_PREFIX: 'berth:one*' })).toEqual([
      'BERTH_REDIS_PREFIX: must be 1 to 40 letters, digits, "_" and "-", and begin with a letter or digit',
    ]);
  });
});
