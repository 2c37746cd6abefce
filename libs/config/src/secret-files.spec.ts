import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BerthError } from '@berth/domain';
import { loadConfig } from './config.js';

const folders = { BERTH_SECRETS_DIR: '/s', BERTH_INSTANCES_DIR: '/i', BERTH_DUMPS_DIR: '/d' };

describe('settings that come by a file', () => {
  let folder: string;
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text, { mode: 0o600 });
    return path.join(folder, name);
  };
  const faultsOf = (environment: Readonly<Record<string, string>>): unknown => {
    try {
      loadConfig(environment);
    } catch (error) {
      return (error as BerthError).details['faults'];
    }
    return [];
  };

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'berth-config-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('are what the file says, without its line end', () => {
    const config = loadConfig({
      ...folders,
      BERTH_CATALOG_URL_FILE: file('catalog', 'postgresql://berth:hunter2@catalog/berth\n'),
      BERTH_REDIS_URL_FILE: file('redis', 'redis://berth:hunter2@redis:6379\n'),
    });
    expect(config.BERTH_CATALOG_URL).toBe('postgresql://berth:hunter2@catalog/berth');
    expect(config.BERTH_REDIS_URL).toBe('redis://berth:hunter2@redis:6379');
  });

  it('are one fault when the file is not there or empty, and two ways to say one thing are one too', () => {
    const other = file('other', 'postgresql://berth:hunter2@catalog/berth');
    expect(
      faultsOf({
        ...folders,
        BERTH_CATALOG_URL_FILE: path.join(folder, 'nowhere'),
        BERTH_REDIS_URL_FILE: file('empty', '\n'),
        BERTH_TERRAFORM_STATE_URL: 'postgresql://berth:hunter2@state/berth',
        BERTH_TERRAFORM_STATE_URL_FILE: other,
      }),
    ).toEqual([
      'BERTH_CATALOG_URL_FILE: the file cannot be read, or is empty',
      'BERTH_TERRAFORM_STATE_URL and BERTH_TERRAFORM_STATE_URL_FILE: only one of them may be set',
      'BERTH_REDIS_URL_FILE: the file cannot be read, or is empty',
    ]);
  });

  it('show nothing of the file when what is in it is wrong', () => {
    const faults = faultsOf({ ...folders, BERTH_CATALOG_URL_FILE: file('catalog', 'mysql://root:hunter2@db') });
    expect(faults).toEqual(['BERTH_CATALOG_URL: must be a valid url']);
  });
});
