import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

describe('the types of the API', () => {
  it('are those of its OpenAPI document', () => {
    const script = fileURLToPath(new URL('../../scripts/generate-api-types.mjs', import.meta.url));
    const { stderr, status } = spawnSync(process.execPath, [script, '--check'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
