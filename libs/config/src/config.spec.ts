import { BerthError } from '@berth/domain';
import { loadConfig } from './config.js';

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

  it('refuses settings that contradict each other', () => {
    const faults = faultsOf({
      ...complete,
      BERTH_MIGRATIONS_DIR: '/m',
      BERTH_MIGRATIONS_COMMAND: 'npx prisma migrate deploy',
    });
    expect(faults).toEqual(['BERTH_MIGRATIONS_DIR and BERTH_MIGRATIONS_COMMAND: only one of them may be set']);
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
