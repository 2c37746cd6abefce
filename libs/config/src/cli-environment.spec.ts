import { readCliEnvironment } from './cli-environment.js';

describe('readCliEnvironment', () => {
  it('takes an empty variable for none', () => {
    expect(readCliEnvironment({ BERTH_HOME: '', BERTH_API: 'http://x' })).toMatchObject({
      home: undefined,
      api: 'http://x',
    });
  });

  it.each([
    [{}, false],
    [{ NO_COLOR: '' }, false],
    [{ NO_COLOR: '1' }, true],
    [{ TERM: 'dumb' }, true],
  ])('with %j colour is off: %s', (environment, off) => {
    expect(readCliEnvironment(environment).noColour).toBe(off);
  });

  it('tells the command as it was typed, but never a whole path', () => {
    expect(readCliEnvironment({ BERTH_INVOKED_AS: './berth' }).invokedAs).toBe('./berth');
    expect(readCliEnvironment({ BERTH_INVOKED_AS: '/usr/local/bin/berth' }).invokedAs).toBe('berth');
    expect(readCliEnvironment({}).invokedAs).toBe('berth');
  });
});
