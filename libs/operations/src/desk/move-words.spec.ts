import { BerthError, type Finding, type Place, streamsOf } from '@berth/domain';
import { beforeStep, fakeMoves, type FakeSystem, systemToMoveIn } from '@berth/testing';
import { jest } from '@jest/globals';
import type { MoveWord } from '../request.js';

const online = { ...fakeMoves.relocate, switchMode: 'manual' } as const;
const byDump = { ...online, strategy: 'dump' } as const;
const words = ['verify', 'switch', 'cancel'] as const;

describe('a word to a move under way', () => {
  let system: FakeSystem;
  let here: Place;
  beforeEach(async () => {
    ({ system, here } = await systemToMoveIn());
  });

  const waiting = async (request: typeof online | typeof byDump | object = online) => {
    const { id } = await system.desk.start(request as typeof online, 'test');
    expect(await system.runOn(id)).toMatchObject({ state: 'waiting' });
    return id;
  };
  const say = (id: string, word: MoveWord) => {
    const { desk } = system;
    return {
      verify: () => desk.requestVerify(id),
      switch: () => desk.requestSwitch(id),
      cancel: () => desk.cancel(id),
    }[word]();
  };
  const codes = (findings: readonly Finding[]) => findings.map(({ code, severity }) => `${severity} ${code}`);
  const found = async (id: string, word: MoveWord) => (await system.desk.planWord(id, word)).findings;
  const names = async (id: string, word: MoveWord) =>
    (await system.desk.planWord(id, word)).steps.map(({ name }) => name);
  const everything = async () =>
    JSON.stringify([
      ...[system.catalog.memory.operations, system.catalog.memory.moves, system.catalog.memory.placements].map(
        (all) => [...all],
      ),
      await system.queue.depth(),
    ]);

  it.each([...words.map((word) => [word, online] as const), ['switch', byDump] as const, ['cancel', byDump] as const])(
    'is planned and changes nothing: %s of %j',
    async (word, request) => {
      const id = await waiting(request);
      const before = await everything();
      const plan = await system.desk.planWord(id, word);
      expect(plan).toMatchObject({ kind: 'move-tenant', tenantId: 'acme', clusterIds: ['shared-1', 'shared-2'] });
      expect(plan.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
      expect(await everything()).toBe(before);
    },
  );

  it('lists the very steps that a switch has left', async () => {
    const id = await waiting();
    const { steps } = await system.desk.planWord(id, 'switch');
    expect([steps[0]?.name, steps.find(({ pointOfNoReturn }) => pointOfNoReturn)?.name]).toEqual([
      'await-switch',
      'switch-over',
    ]);
    const done = (await system.catalog.operations.get(id))?.steps.filter(({ state }) => state === 'done') ?? [];
    await system.desk.requestSwitch(id);
    const ended = await system.runOn(id);
    expect([...done.map(({ name }) => name), ...steps.map(({ name }) => name)]).toEqual(
      ended.steps.map(({ name }) => name),
    );
  });

  it.each([online, byDump])('lists the very steps that a cancellation takes back: %j', async (request) => {
    const id = await waiting(request);
    const { steps } = await system.desk.planWord(id, 'cancel');
    expect(steps[0]?.description).toMatch(/^Take back: /);
    await system.desk.cancel(id);
    const undone: string[] = [];
    const ended = await system.runOn(id, {
      failpoints: {
        hit: async ({ step, direction, moment }) => {
          if (direction === 'undo' && moment === 'before') undone.push(step);
        },
      },
    });
    expect(ended).toMatchObject({ state: 'cancelled' });
    // Those that only read are gone through too, with nothing to undo.
    const readers = ['await-switch', 'verify-live', 'await-caught-up', 'check-online', 'check-both-ends'];
    const carried = ['copy-rows', 'finish-definitions', 'follow-source', 'close-gate', 'copy-definitions'];
    const planned = steps.map(({ name }) => name);
    expect(undone.filter((name) => planned.includes(name))).toEqual(planned);
    expect([...readers, ...carried]).toEqual(expect.arrayContaining(undone.filter((name) => !planned.includes(name))));
  });

  it('compares and goes on waiting', async () => {
    const id = await waiting();
    expect(await names(id, 'verify')).toEqual(['verify-live', 'await-switch']);
  });

  it('is refused where it means nothing, by the dry run as by the word itself', async () => {
    const { id: early } = await system.desk.start(online, 'test');
    const refused = async (
      id: string,
      word: MoveWord,
      expected: { readonly code: string; readonly hint?: unknown },
    ) => {
      for (const act of [() => system.desk.planWord(id, word), () => say(id, word)])
        await expect(act()).rejects.toMatchObject(expected);
    };
    const hint = (text: string): unknown => expect.stringContaining(text);
    await refused(early, 'verify', { code: 'move-state', hint: hint(`berth operations watch ${early}`) });
    await system.runOn(early);
    await system.desk.cancel(early);
    await refused(early, 'verify', { code: 'move-state', hint: hint(`berth operations watch ${early}`) });
    expect(codes(await found(early, 'switch'))).toContain('error cancel-requested');
    await system.runOn(early);
    for (const word of words)
      await expect(system.desk.planWord(early, word)).rejects.toMatchObject({
        code: word === 'cancel' ? 'operation-state' : 'move-state',
      });

    const dumped = await waiting(byDump);
    await refused(dumped, 'verify', { code: 'move-state', hint: hint('every row was compared') });
    await system.desk.requestSwitch(dumped);
    await system.runOn(dumped);
    await refused(dumped, 'cancel', { code: 'operation-state' });
    await expect(system.desk.planWord('none', 'verify')).rejects.toMatchObject({ code: 'move-not-found' });
  });

  it('is refused past the point of no return, and told of a reverse', async () => {
    const id = await waiting();
    await system.desk.requestSwitch(id);
    let hint: string | undefined;
    await system.runOn(id, {
      failpoints: beforeStep('switch-secret', async () => {
        const refused = await system.desk.planWord(id, 'cancel').then(
          () => null,
          (error: unknown) => error as BerthError,
        );
        hint = `${refused?.code ?? ''} ${refused?.hint ?? ''}`;
      }),
    });
    expect(hint).toMatch(/^past-point-of-no-return .*berth moves reverse/);
  });

  describe('finds', () => {
    it('that the last comparison is old, and for which words that matters', async () => {
      const id = await waiting();
      expect(codes(await found(id, 'switch'))).toContain('info verification-age');
      system.clockOffsetMs += 16 * 60_000;
      expect(codes(await found(id, 'switch'))).toContain('warning verification-stale');
      expect(codes(await found(id, 'verify'))).toContain('info verification-age');
      await system.desk.requestVerify(id);
      system.clockOffsetMs = 0;
      await system.runOn(id);
      expect(codes(await found(id, 'switch'))).toContain('info verification-age');
    });

    it('when it may switch', async () => {
      const notBefore = new Date(Date.now() + 3_600_000).toISOString();
      const deadline = new Date(Date.now() + 7_200_000).toISOString();
      const id = await waiting({ ...online, window: { notBefore, deadline } });
      const window = () =>
        found(id, 'switch').then((all) => all.find(({ object }) => object === 'window of the switch'));
      expect((await window())?.message).toBe(
        `It switches at ${notBefore} at the earliest, and is undone if it has not begun to by ${deadline}.`,
      );
      const now = jest.spyOn(Date, 'now').mockReturnValue(Date.parse(deadline) + 1);
      try {
        expect(await window()).toMatchObject({ code: 'window-passed', severity: 'error' });
      } finally {
        now.mockRestore();
      }
    });

    it('what the source keeps, and a stream that cannot go on', async () => {
      const id = await waiting({ ...online, streamLimits: { maxRetainedBytes: 100 * 2 ** 20 } });
      [system.replication.retainedBytes, system.replication.lagBytes] = [3 * 2 ** 20, 2 ** 20];
      const backlog = (await found(id, 'verify')).find(({ code }) => code === 'stream-backlog');
      expect(backlog).toMatchObject({
        severity: 'info',
        message: expect.stringMatching(/1 MB behind.* keeps 3 MB .* of 100 MB/),
      });
      system.replication.retainedBytes = 101 * 2 ** 20;
      for (const word of ['verify', 'switch'] as const)
        expect(codes(await found(id, word))).toContain('error stream-backlog');
      expect(codes(await found(id, 'cancel'))).not.toContain('error stream-backlog');
      system.replication.retainedBytes = 0;
      const there = (await system.catalog.placements.get(online.tenantId, 2))!;
      const { forward, reverse } = streamsOf(here, there, 2);
      const { state } = system.replication;
      const broken = jest.spyOn(system.replication, 'state');
      const breaks = (name: string, how: object) =>
        broken.mockImplementation(async (stream) => ({
          ...(await state.call(system.replication, stream)),
          ...(stream.name === name && how),
        }));
      breaks(forward.name, { slot: 'missing' });
      expect(codes(await found(id, 'switch'))).toContain('error stream-lost');
      breaks(reverse.name, { subscription: 'disabled' });
      expect(codes(await found(id, 'switch'))).toContain('error stream-stalled');
      expect(codes(await found(id, 'verify'))).not.toContain('error stream-stalled');
    });

    it('poolers and servers that do not answer', async () => {
      const pooler = await system.addPooler('pool-1');
      const id = await waiting();
      expect(codes(await found(id, 'switch'))).toContain('info pooler-answers');
      pooler.answers = false;
      expect(codes(await found(id, 'switch'))).toContain('warning pooler-unreachable');
      expect(codes(await found(id, 'verify'))).not.toContain('warning pooler-unreachable');
      system.probe.cluster('shared-2').reachable = false;
      for (const word of words) expect(codes(await found(id, word))).toContain('warning cluster-unreachable');
    });

    it('that it tries again, or that somebody is needed first', async () => {
      const { id } = await system.desk.start(online, 'test');
      const publish = jest.spyOn(system.replication, 'publish');
      publish.mockRejectedValueOnce(new BerthError('stream-stalled', 'It stands still.'));
      expect(await system.runOn(id)).toMatchObject({ state: 'waiting' });
      const [again] = await found(id, 'switch');
      expect(again).toMatchObject({ severity: 'warning', message: 'It waits to try again after: It stands still.' });
      publish.mockRejectedValueOnce(new BerthError('disk-full', 'The disk is full.', { retry: 'operator' }));
      system.clockOffsetMs += 60_000;
      expect(await system.runOn(id)).toMatchObject({ state: 'needs-operator' });
      const [needed] = await found(id, 'cancel');
      expect(needed).toMatchObject({
        code: 'needs-operator',
        remedy: expect.stringContaining('berth operations retry'),
      });
    });

    it('what a copy by dump would lose by now', async () => {
      const id = await waiting(byDump);
      const fault = { object: 'large objects', message: 'There are 3.', remedy: 'Remove them.' };
      system.copy.findings = [{ code: 'large-objects', severity: 'error', ...fault }];
      expect(codes(await found(id, 'switch'))).toContain('error large-objects');
      expect(codes(await found(id, 'cancel'))).not.toContain('error large-objects');
    });
  });
});
