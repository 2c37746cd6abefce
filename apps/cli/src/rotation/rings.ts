import { InvalidArgumentError } from 'commander';

/** How many tenants are rotated when a ring has ended: so many, or so many of a hundred. */
export type RingSize = { readonly tenants: number } | { readonly percent: number };

/** `1,10%,100%`: each ring holds all before it. The last has to be everybody, so that no tenant is left out in silence. */
export function parseRings(text: string): readonly RingSize[] {
  const sizes = text.split(',').map((part): RingSize => {
    const [, digits, sign] = /^([1-9]\d*)(%?)$/.exec(part.trim()) ?? [];
    const value = Number(digits);
    if (digits === undefined || (sign === '%' && value > 100)) {
      throw new InvalidArgumentError('Write numbers of tenants or shares of them by commas, for example 1,10%,100%.');
    }
    return sign === '%' ? { percent: value } : { tenants: value };
  });
  const last = sizes.at(-1);
  if (last === undefined || !('percent' in last) || last.percent !== 100) {
    throw new InvalidArgumentError('The last ring has to be 100%.');
  }
  return sizes;
}

/** The tenants of each ring, without those of the rings before; rings that add nobody are left out. */
export function ringsOf(tenants: readonly string[], sizes: readonly RingSize[]): readonly (readonly string[])[] {
  const ends = sizes.map((size) =>
    Math.min(tenants.length, 'tenants' in size ? size.tenants : Math.ceil((tenants.length * size.percent) / 100)),
  );
  let taken = 0;
  return ends.flatMap((end) => {
    const ring = tenants.slice(taken, end);
    taken = Math.max(taken, end);
    return ring.length === 0 ? [] : [ring];
  });
}

export interface RingOutcome<T> {
  readonly ended: readonly T[];
  /** Not begun, since one before failed or somebody interrupted. */
  readonly notBegun: readonly string[];
}

/**
 * Ring after ring, in each so many at once. After the first failure nothing more begins; what is under way is waited for, since
 * it goes on anyway.
 */
export async function runRings<T extends { readonly ok: boolean }>(
  rings: readonly (readonly string[])[],
  work: {
    readonly atOnce: number;
    readonly one: (tenant: string) => Promise<T>;
    readonly begins: (ring: readonly string[], number: number) => void;
    readonly interrupted: () => boolean;
  },
): Promise<RingOutcome<T>> {
  const ended: T[] = [];
  const waiting = rings.map((ring) => [...ring]);
  const goesOn = () => ended.every(({ ok }) => ok) && !work.interrupted();
  for (const [index, ring] of waiting.entries()) {
    if (!goesOn()) break;
    work.begins([...ring], index + 1);
    const lane = async (): Promise<void> => {
      for (let next = ring.shift(); next !== undefined; next = goesOn() ? ring.shift() : undefined) {
        ended.push(await work.one(next));
      }
    };
    await Promise.all(Array.from({ length: work.atOnce }, lane));
  }
  return { ended, notBegun: waiting.flat() };
}
