import fc from 'fast-check';
import {
  decisiveStep,
  done,
  forwardStep,
  planOf,
  type RuntimeStep,
  saga,
  type SagaAfter,
  type SagaBefore,
  step,
} from './index.js';

/** Which of the conditional steps apply: the bits of a number. */
interface Input {
  readonly mask: number;
}

interface Link {
  readonly name: string;
  /** A step that always runs, or the bit of the input that decides. */
  readonly bit: number | null;
  readonly hasUndo: boolean;
}

type Chain = readonly (Link & { readonly side: RuntimeStep['side'] })[];

const names = fc.stringMatching(/^[a-z]{1,2}$/);
const links = fc.record({ name: names, bit: fc.option(fc.nat(7)), hasUndo: fc.boolean() });
const chains: fc.Arbitrary<Chain> = fc
  .record({
    before: fc.array(links, { maxLength: 6 }),
    pivot: fc.option(names),
    after: fc.array(links, { maxLength: 5 }),
  })
  .map(({ before, pivot, after }) => [
    ...before.map((link) => ({ ...link, side: 'before' as const })),
    ...(pivot === null ? [] : [{ name: pivot, bit: null, hasUndo: false, side: 'pivot' as const }]),
    ...(pivot === null ? [] : after.map((link) => ({ ...link, hasUndo: false, side: 'after' as const }))),
  ]);

type Built = SagaBefore<Input, object, object> | SagaAfter<Input, object, object>;

const run = () => Promise.resolve(done);
const describe_ = (name: string) => (input: Input) => `${name} of ${String(input.mask)}`;
const appliesBy = (bit: number) => (input: Input) => (input.mask & (1 << bit)) !== 0;

/** The builder's own calls, one for each link. */
function add(built: Built, { name, bit, hasUndo, side }: Chain[number]): Built {
  const words = { name, describe: describe_(name), run };
  if (side === 'after') {
    const after = built as SagaAfter<Input, object, object>;
    const forward = forwardStep<Input, object>()(words);
    return bit === null ? after.step(forward) : after.stepWhen(appliesBy(bit), forward);
  }
  const before = built as SagaBefore<Input, object, object>;
  if (side === 'pivot')
    return before.pointOfNoReturn(
      decisiveStep<Input, object>()({ ...words, hasHappened: () => Promise.resolve(false) }),
    );
  const both = hasUndo
    ? step<Input, object>()({ ...words, undo: () => Promise.resolve(done) })
    : step<Input, object>()({ ...words, nothingToUndo: 'it only reads' });
  return bit === null ? before.step(both) : before.stepWhen(appliesBy(bit), both);
}

const shapeOf = ({ name, side, undo, hasHappened }: RuntimeStep) => [name, side, undo !== null, hasHappened !== null];
const wantedOf = ({ name, side, hasUndo }: Chain[number]) => [name, side, hasUndo, side === 'pivot'];

describe('any saga that is built', () => {
  it('has its steps in the order of the calls, each on its side, or is refused at the first name that comes twice', () => {
    fc.assert(
      fc.property(chains, (chain) => {
        const twice = chain.findIndex(({ name }, at) => chain.slice(0, at).some((other) => other.name === name));
        const wanted = twice === -1 ? chain : chain.slice(0, twice);
        let built: Built = saga<Input>('any', 1);
        for (const [at, link] of wanted.entries()) {
          const before = built;
          built = add(built, link);
          // What it was made from stays as it was: two sagas may share their beginning.
          expect(before.steps).toHaveLength(at);
        }
        expect(built.steps.map(shapeOf)).toEqual(wanted.map(wantedOf));
        expect([built.name, built.version]).toEqual(['any', 1]);
        const next = chain[wanted.length];
        if (next === undefined) return;
        expect(() => add(built, next)).toThrow(`The saga any has two steps named ${next.name}.`);
        expect(built.steps).toHaveLength(wanted.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it('plans for each input the steps that apply, and one point of no return at most, with nothing to undo behind it', () => {
    const unique = chains.filter((chain) => new Set(chain.map(({ name }) => name)).size === chain.length);
    fc.assert(
      fc.property(unique, fc.nat(255), (chain, mask) => {
        const built = chain.reduce<Built>(add, saga<Input>('any', 1));
        const applied = chain.filter(({ bit }) => bit === null || (mask & (1 << bit)) !== 0);
        const plan = planOf(built, { mask });
        expect(plan).toEqual(
          applied.map(({ name, side }) => ({
            name,
            description: `${name} of ${String(mask)}`,
            pointOfNoReturn: side === 'pivot',
          })),
        );
        const pivot = built.steps.findIndex(({ side }) => side === 'pivot');
        expect(built.steps.filter(({ side }) => side === 'pivot')).toHaveLength(pivot === -1 ? 0 : 1);
        for (const [at, { side, undo }] of built.steps.entries()) {
          expect(side === 'before').toBe(pivot === -1 || at < pivot);
          if (side !== 'before') expect(undo).toBeNull();
        }
        // The point of no return always comes: whether a saga has one does not hang on its input.
        expect(plan.some(({ pointOfNoReturn }) => pointOfNoReturn)).toBe(pivot !== -1);
      }),
      { numRuns: 1_000 },
    );
  });
});
