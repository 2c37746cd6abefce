import { faultOf, isCreationRace } from './terraform-faults.js';
import type { TerraformResult } from './terraform-runner.js';

/** Nobody listens there: who holds a lock cannot be found out. */
const stateServer = { url: 'postgresql://berth:state-password@127.0.0.1:1/catalog' };

function result(summary: string, detail = ''): TerraformResult {
  const faults = summary === '' ? [] : [{ severity: 'error', summary, detail }];
  return { code: 1, stdout: '', stderr: '', faults, changes: [], outputs: {} };
}

async function translated(failed: TerraformResult): Promise<ReturnType<typeof faultOf>> {
  return faultOf({ clusterId: 'c1', verb: 'apply', result: failed, stateServer, secrets: ['s3cret', ''] });
}

describe('faultOf', () => {
  it('says what failed, without secrets', async () => {
    const error = await translated(result('It broke', `with s3cret and ${'x'.repeat(5_000)} s3cret`));
    expect(error).toMatchObject({ code: 'infrastructure-failed', retry: 'backoff' });
    expect(error.message).toMatch(/^terraform apply of c1 failed: It broke\nwith \[redacted\] and x+…$/);
    expect(error.message.length).toBeLessThan(2_000);
  });

  it('says more than nothing when Terraform says nothing', async () => {
    expect((await translated(result(''))).message).toContain('exit code 1');
  });

  it('explains a lock, also when its holder cannot be found out', async () => {
    const error = await translated(result('Error acquiring the state lock', 'Workspace is already locked: c1'));
    expect(error).toMatchObject({ code: 'infrastructure-locked', retry: 'backoff', hint: expect.any(String) });
  });

  it('hands on the words of our own program', async () => {
    const line = JSON.stringify({
      ok: false,
      code: 'postgres-programs-missing',
      message: 'No programs.',
      hint: 'Install.',
    });
    const error = await translated(result('local-exec provisioner error', `exit status 1. Output: ${line}\n`));
    expect(error).toMatchObject({ code: 'postgres-programs-missing', message: 'No programs.', hint: 'Install.' });
  });

  it.each(['{"ok":false', '{"ok":false}'])('falls back to Terraform’s words for %j', async (line) => {
    expect((await translated(result('local-exec provisioner error', line))).message).toContain('provisioner error');
  });

  it.each(['dial tcp 127.0.0.1:1: connect: connection refused', 'pq: password authentication failed for user "berth"'])(
    'tells a state database that cannot be used: %s',
    async (detail) => {
      const error = await translated(result('Failed to open backend', detail));
      expect(error).toMatchObject({ code: 'infrastructure-failed', retry: 'backoff' });
      expect(error.message).toMatch(/^Terraform cannot use the database that holds its state/);
    },
  );
});

describe('isCreationRace', () => {
  it('tells a race for the state’s tables from a lock of the instance', () => {
    expect(isCreationRace(result('Already locked for workspace creation: w3'))).toBe(true);
    expect(isCreationRace(result('duplicate key value violates unique constraint "pg_namespace_nspname_index"'))).toBe(
      true,
    );
    expect(isCreationRace(result('Workspace is already locked: w3'))).toBe(false);
  });
});
