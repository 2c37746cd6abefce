import { WorkerProcess } from '@berth/testing';

describe('a worker with a wrong configuration', () => {
  it('does not start, names every fault and no value, and exits with 2', async () => {
    const worker = new WorkerProcess({
      BERTH_CATALOG_URL: 'mysql://berth:hunter2@localhost/berth',
      BERTH_LEASE_MS: 'seven-leagues',
      BERTH_INFRASTRUCTURE: 'kubernetes',
      BERTH_WORKER_CONCURRENCY: '6500',
    });
    expect(await worker.ended).toEqual({ code: 2, signal: null });
    for (const name of [
      'BERTH_CATALOG_URL',
      'BERTH_SECRETS_DIR',
      'BERTH_INSTANCES_DIR',
      'BERTH_DUMPS_DIR',
      'BERTH_LEASE_MS',
      'BERTH_INFRASTRUCTURE',
      'BERTH_WORKER_CONCURRENCY',
    ]) {
      expect(worker.errors).toContain(name);
    }
    for (const value of ['hunter2', 'mysql', 'seven-leagues', 'kubernetes', '6500'])
      expect(worker.errors + worker.output).not.toContain(value);
  });

  it('does not start when its catalog is not there, and says so without the password', async () => {
    const worker = new WorkerProcess({
      BERTH_CATALOG_URL: 'postgresql://berth:hunter2@127.0.0.1:1/berth',
      BERTH_SECRETS_DIR: '/nonexistent/secrets',
      BERTH_INSTANCES_DIR: '/nonexistent/instances',
      BERTH_DUMPS_DIR: '/nonexistent/dumps',
    });
    expect(await worker.ended).toEqual({ code: 1, signal: null });
    expect(worker.errors).not.toBe('');
    expect(worker.errors + worker.output).not.toContain('hunter2');
  });
});
