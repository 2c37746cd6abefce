import { RestartPolicy } from './restart-policy.js';

describe('RestartPolicy', () => {
  let now = 0;
  const policy = (): RestartPolicy => new RestartPolicy(() => now);

  it('waits longer each time, and gives up at the sixth end within a minute', () => {
    const one = policy();
    expect(Array.from({ length: 6 }, () => one.next())).toEqual([200, 400, 800, 1_600, 3_200, 'give-up']);
  });

  it('forgets what lies longer back', () => {
    const one = policy();
    for (let end = 0; end < 5; end += 1) one.next();
    now += 61_000;
    expect(one.next()).toBe(200);
  });
});
