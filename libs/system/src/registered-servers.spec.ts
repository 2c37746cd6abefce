import { RegisteredServers } from './registered-servers.js';

describe('dedicated servers that are registered', () => {
  const servers = new RegisteredServers();

  it('are never made, and the refusal says what to do', async () => {
    for (const call of [servers.plan(), servers.create()]) {
      await expect(call).rejects.toMatchObject({
        code: 'no-cluster-fits',
        hint: expect.stringContaining('berth clusters register') as string,
      });
    }
    expect(await servers.list()).toEqual([]);
    expect(await servers.inspect()).toEqual({ state: 'absent' });
  });

  it('says of no instance that it was destroyed, or runs', async () => {
    const fault = {
      code: 'infrastructure-failed',
      retry: 'operator',
      message: expect.stringContaining('own-g2') as string,
    };
    await expect(servers.destroy('own-g2')).rejects.toMatchObject(fault);
    await expect(servers.ensureRunning(['own-g2'])).rejects.toMatchObject(fault);
    await servers.ensureRunning([]);
  });
});
