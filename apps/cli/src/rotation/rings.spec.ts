import { parseRings, ringsOf, runRings } from './rings.js';

const names = (count: number) => Array.from({ length: count }, (_, index) => `t${String(index + 1)}`);

describe('rings', () => {
  it('each hold those before them, and everybody in the end', () => {
    const sizes = parseRings('1, 10%,100%');
    expect(ringsOf(names(20), sizes).map((ring) => ring.length)).toEqual([1, 1, 18]);
    expect(ringsOf(names(25), sizes).flat()).toEqual(names(25));
    expect(ringsOf(names(3), sizes).map((ring) => ring.length)).toEqual([1, 2]);
    expect(ringsOf([], sizes)).toEqual([]);
  });

  it.each(['', '1', '0,100%', '110%', 'some,100%', '1;100%', '100%,50'])('%j is refused', (text) => {
    expect(() => parseRings(text)).toThrow();
  });
});

describe('a rotation in rings', () => {
  const play = async (failing: readonly string[], atOnce: number) => {
    const began: string[] = [];
    let running = 0;
    let most = 0;
    const outcome = await runRings([['t1'], ['t2', 't3', 't4', 't5'], ['t6']], {
      atOnce,
      begins: (ring) => began.push(ring.join('+')),
      interrupted: () => false,
      one: async (tenant) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return { tenant, ok: !failing.includes(tenant) };
      },
    });
    return { began, most, ended: outcome.ended.map(({ tenant }) => tenant), notBegun: outcome.notBegun };
  };

  it('begins no ring before the one before has ended wholly', async () => {
    expect(await play([], 2)).toEqual({
      began: ['t1', 't2+t3+t4+t5', 't6'],
      most: 2,
      ended: ['t1', 't2', 't3', 't4', 't5', 't6'],
      notBegun: [],
    });
  });

  it('begins nothing more after a failure, waits for what is under way, and names the rest', async () => {
    expect(await play(['t2'], 2)).toMatchObject({ ended: ['t1', 't2', 't3'], notBegun: ['t4', 't5', 't6'] });
    expect(await play(['t1'], 4)).toMatchObject({ began: ['t1'], notBegun: ['t2', 't3', 't4', 't5', 't6'] });
  });
});
