import type { Schemas } from '../api/client.js';
import { whatIsWrong } from './what-is-wrong.js';

const now = new Date('2026-11-26T10:00:00Z');

function tenant(
  operation: Partial<Schemas['Operation']> | null,
  change: Partial<Schemas['TenantDetail']> = {},
): Schemas['TenantDetail'] {
  const lastOperation = operation && {
    id: 'op-1',
    kind: 'move-tenant',
    reason: null,
    error: null,
    nextAttemptAt: null,
    ...operation,
  };
  return {
    reason: null,
    lastOperation,
    ...change,
  } as Schemas['TenantDetail'];
}

const full = { code: 'cluster-full', message: 'The cluster is full.', hint: 'Register another.', details: {} };

describe('what is wrong with a tenant', () => {
  it('tells of a tenant on trial how to keep it, and how to go back', () => {
    const reason = 'On trial: the schema legacy was adopted.';
    const waits = { kind: 'adopt-tenant', state: 'waiting', reason: 'On trial. Keep it: …' } as const;
    expect(whatIsWrong(tenant(waits, { reason }), now)).toEqual({
      wrong: reason,
      hint: null,
      type: [
        { to: 'To keep it', command: 'berth operations confirm op-1' },
        { to: 'To go back', command: 'berth operations cancel op-1' },
      ],
    });
  });

  it('names the cause before what became of the tenant, and what to do', () => {
    expect(whatIsWrong(tenant({ state: 'failed', error: full }, { reason: 'It was not provisioned.' }), now)).toEqual({
      wrong: 'The cluster is full. It was not provisioned.',
      hint: 'Register another.',
      type: [],
    });
  });

  it('says nothing twice, and nothing when there is nothing', () => {
    const stopped = tenant({ state: 'failed', error: full }, { reason: 'Stopped: The cluster is full.' });
    expect(whatIsWrong(stopped, now).wrong).toBe('Stopped: The cluster is full.');
    expect(whatIsWrong(tenant({ state: 'succeeded' }, { reason: 'unpaid' }), now).wrong).toBe('unpaid');
    expect(whatIsWrong(tenant({ state: 'running' }), now)).toEqual({ wrong: null, hint: null, type: [] });
    expect(whatIsWrong(tenant(null), now)).toEqual({ wrong: null, hint: null, type: [] });
  });

  it('tells what an operation waits for, and when it goes on', () => {
    const waiting = { state: 'waiting', reason: 'The cluster shared-1 does not answer.' } as const;
    expect(whatIsWrong(tenant({ ...waiting, nextAttemptAt: '2026-11-26T10:00:08Z' }), now)).toMatchObject({
      wrong: 'move-tenant waits: The cluster shared-1 does not answer. It tries again by itself in 8.0 s.',
      type: [{ command: 'berth operations watch op-1' }],
    });
    expect(whatIsWrong(tenant({ ...waiting, state: 'undoing' }), now).wrong).toBe(
      'move-tenant goes back: The cluster shared-1 does not answer.',
    );
  });

  it('tells what to type when an operator is needed', () => {
    const { wrong, type } = whatIsWrong(tenant({ state: 'needs-operator', error: full }), now);
    expect(wrong).toBe('The cluster is full.');
    expect(type.map(({ command }) => command)).toEqual(['berth operations retry op-1', 'berth operations cancel op-1']);
  });

  it.each([
    ['dump', 'switched', ['berth moves complete the-move']],
    ['online', 'switched', ['berth moves complete the-move', 'berth moves reverse the-move']],
    ['online', 'reversed', ['berth moves complete the-move']],
    ['online', 'copying', []],
  ] as const)(
    'tells of a move by %s that is %s what to do with the place that is kept',
    (strategy, state, commands) => {
      const suspended = tenant({ state: 'succeeded', kind: 'suspend-tenant' });
      const { type } = whatIsWrong(suspended, now, { id: 'the-move', strategy, state });
      expect(type.map(({ command }) => command)).toEqual(commands);
    },
  );
});
