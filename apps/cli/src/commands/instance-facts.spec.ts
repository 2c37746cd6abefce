import { instanceFacts } from './instance-facts.js';

const gib = 1024 ** 3;
const instance = {
  provider: 'Amazon RDS',
  identifier: 'berth-t-acme-g2',
  status: 'available',
  endpoint: 'db.example:5432',
  pending: ['DBInstanceClass changes to db.m7g.large in the maintenance window sun:04:30-sun:05:30.'],
  storage: { allocatedBytes: 20 * gib, freeBytes: 3 * gib, limitBytes: 500 * gib },
  events: [4, 3, 2, 1].map((day) => ({ at: `2026-11-0${String(day)}T20:00:00.000Z`, message: `event ${String(day)}` })),
};

describe('instanceFacts', () => {
  it('says nothing where there is no provider', () => {
    expect(instanceFacts(null)).toEqual([]);
  });

  it('tells status, storage that is left, what waits, and the newest events', () => {
    expect(instanceFacts(instance)).toEqual([
      ['instance', 'Amazon RDS berth-t-acme-g2, available'],
      ['storage', expect.stringMatching(/ free, grows by itself to /)],
      ['pending', instance.pending[0]],
      ['event', '2026-11-04 20:00  event 4'],
      ['event', '2026-11-03 20:00  event 3'],
      ['event', '2026-11-02 20:00  event 2'],
    ]);
  });

  it('says so when nothing was measured and nothing grows', () => {
    const storage = { allocatedBytes: 20 * gib, freeBytes: null, limitBytes: null };
    expect(instanceFacts({ ...instance, storage })).toContainEqual([
      'storage',
      expect.stringMatching(/free space not measured, does not grow$/),
    ]);
  });
});
