import { decisiveStep, done, forwardStep, planOf, saga, step } from './index.js';

interface Input {
  readonly name: string;
  readonly big: boolean;
}

const describe_ = (sentence: string) => (input: Input) => `${sentence} ${input.name}.`;

const make = step<Input, { readonly maker: string }>()({
  name: 'make',
  describe: describe_('Make'),
  run: () => Promise.resolve({ done: { made: 1 } }),
  undo: () => Promise.resolve(done),
});
const weigh = step<Input, object, { readonly made: number }>()({
  name: 'weigh',
  describe: describe_('Weigh'),
  run: ({ given }) => Promise.resolve({ done: { weight: given.made * 2 } }),
  nothingToUndo: 'it only reads',
});
const sell = decisiveStep<Input, object>()({
  name: 'sell',
  describe: describe_('Sell'),
  run: () => Promise.resolve(done),
  hasHappened: () => Promise.resolve(false),
});
const deliver = forwardStep<Input, object, { readonly weight: number }>()({
  name: 'deliver',
  describe: describe_('Deliver'),
  run: () => Promise.resolve(done),
});

describe('a saga', () => {
  it('plans the very steps that run, in their order', () => {
    const trade = saga<Input>('trade', 1)
      .step(make)
      .stepWhen((input) => input.big, weigh)
      .pointOfNoReturn(sell);
    expect(planOf(trade, { name: 'a boat', big: true }).map((planned) => planned.description)).toEqual([
      'Make a boat.',
      'Weigh a boat.',
      'Sell a boat.',
    ]);
    expect(planOf(trade, { name: 'a toy', big: false }).map((planned) => planned.name)).toEqual(['make', 'sell']);
    expect(planOf(trade, { name: 'a toy', big: false }).map((planned) => planned.pointOfNoReturn)).toEqual([
      false,
      true,
    ]);
  });

  it('refuses two steps of one name', () => {
    expect(() => saga<Input>('twice', 1).step(make).step(make)).toThrow('two steps named make');
  });

  // Each of these is checked by the compiler: an expected error that does not come is an error itself.
  it('does not compile when its order is wrong', () => {
    // @ts-expect-error no earlier step gives `made`
    saga<Input>('s', 1).step(weigh);
    const sometimesWeighed = saga<Input>('s', 1)
      .step(make)
      .stepWhen((input) => input.big, weigh);
    // @ts-expect-error `weight` may be missing, since its step runs only for some inputs
    sometimesWeighed.pointOfNoReturn(sell).step(deliver);
    // @ts-expect-error a step with an undo cannot stand after the point of no return
    saga<Input>('s', 1).pointOfNoReturn(sell).step(make);
    // @ts-expect-error a step that does not say how it is undone cannot stand before it
    saga<Input>('s', 1).step(make).step(weigh).step(deliver);
    // @ts-expect-error a point of no return must tell whether it has happened
    saga<Input>('s', 1).pointOfNoReturn(deliver);
    // @ts-expect-error a step of another input
    saga<{ readonly other: string }>('s', 1).step(make);
    expect(saga<Input>('s', 1).step(make).step(weigh).pointOfNoReturn(sell).step(deliver).steps).toHaveLength(4);
  });
});
