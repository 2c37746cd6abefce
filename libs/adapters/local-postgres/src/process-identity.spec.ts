import { spawn } from 'node:child_process';
import { awaitEnd, endProcess, identify, isAlive } from './process-identity.js';

describe('a process that is recognised', () => {
  const sleeper = async (script = 'setInterval(() => {}, 1000)') => {
    const child = spawn(process.execPath, ['-e', `${script}; process.stdout.write('.')`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const identity = await identify(child.pid ?? 0);
    if (identity === undefined) throw new Error('it is not there');
    return identity;
  };

  it('is told from another that has its number', async () => {
    const self = await identify(process.pid);
    expect(self).toBeDefined();
    expect(await isAlive(self)).toBe(true);
    expect(await isAlive({ pid: process.pid, started: 'another boot/1' })).toBe(false);
    expect(await endProcess({ pid: process.pid, started: 'another boot/1' }, 1_000)).toBe('absent');
  });

  it('is asked to end', async () => {
    const identity = await sleeper();
    expect(await endProcess(identity, 5_000)).toBe('ended');
    expect(await isAlive(identity)).toBe(false);
  });

  it('is killed when it does not hear', async () => {
    const identity = await sleeper("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)");
    expect(await endProcess(identity, 100)).toBe('killed');
    expect(await awaitEnd(identity, 0)).toBe(true);
  });
});
