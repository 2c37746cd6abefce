import {
  type Actor,
  type Place,
  type ReplicationStream,
  type StreamDirection,
  streamsOf,
  type StreamUse,
} from '@berth/domain';
import type { StreamLag, TenantReplication } from '@berth/ports';

export interface TenantReplicationSubject {
  readonly replication: TenantReplication;
  readonly lag: StreamLag;
  /** Two equal places: the table `item` with the rows 1 to 3 by its key, and the empty table `loose` without a key. */
  readonly makePair: (tenantId: string) => Promise<{ readonly source: Place; readonly target: Place }>;
  /** Sets or deletes (`null`) a row of `item` as the tenant. */
  readonly write: (place: Place, key: string, value: string | null) => Promise<void>;
  /** Rows of `item` by key. */
  readonly rows: (place: Place) => Promise<Readonly<Record<string, string>>>;
  readonly createTable: (place: Place, table: string) => Promise<void>;
  /** Opens a transaction by the login `a` that has written; answers with its commit. */
  readonly openWrite: (place: Place) => Promise<() => Promise<void>>;
  /** How `loose` tells its rows apart. */
  readonly identity: (place: Place) => Promise<'default' | 'full'>;
  /** Whether its servers tell apart what came by a stream; else the one that leads back rests until the switch. */
  readonly filters: boolean;
  readonly close: () => Promise<void>;
}

const identities = { loose: 'full' } as const;
const keep = { timeoutMs: 20_000 };
const soon = { timeoutMs: 20_000 };

/** What every replication between two places does. */
export function describeTenantReplicationContract(
  name: string,
  makeSubject: () => Promise<TenantReplicationSubject>,
): void {
  describe(`the tenant replication ${name}`, () => {
    let subject: TenantReplicationSubject;
    let replication: TenantReplication;
    let source: Place;
    let target: Place;
    let streams: Readonly<Record<StreamDirection, ReplicationStream>>;
    let actor: Actor;
    let count = 0;

    beforeAll(async () => {
      subject = await makeSubject();
      replication = subject.replication;
    });
    afterAll(async () => {
      await subject?.close();
    });
    beforeEach(async () => {
      count += 1;
      ({ source, target } = await subject.makePair(`streamed-${String(count)}`));
      streams = streamsOf(source, target, 2);
      actor = { operationId: 'op-1', tenantId: source.tenantId, fence: 2 };
    });
    afterEach(async () => {
      await replication.remove(streams.forward, actor);
      await replication.remove(streams.reverse, actor);
    });

    const start = async (stream: ReplicationStream, use?: StreamUse): Promise<void> => {
      await replication.publish(stream, identities, actor);
      await replication.keepChanges(stream, actor, keep);
      await replication.follow(stream, actor, use);
    };
    const before = { 1: 'name 1', 2: 'name 2', 3: 'name 3' };

    it('finds what is missing before anything is made, and nothing when all is chosen', async () => {
      const errors = async (chosen: Parameters<TenantReplication['preflight']>[1]): Promise<readonly string[]> =>
        (await replication.preflight(streams.forward, chosen))
          .filter(({ severity }) => severity === 'error')
          .map(({ code, remedy }) => {
            expect(remedy).toMatch(/./);
            return code;
          });
      expect(await errors({})).toEqual(['no-identity']);
      expect(await errors(identities)).toEqual([]);
      expect(await errors({ loose: { useIndex: 'none' }, gone: 'full' })).toEqual(['identity-unfit', 'identity-unfit']);
    });

    it('carries what is inserted, updated and deleted, from the moment on from which it keeps changes', async () => {
      await replication.publish(streams.forward, identities, actor);
      await replication.keepChanges(streams.forward, actor, keep);
      await subject.write(source, '4', 'between');
      expect(await subject.rows(target)).toEqual(before);
      await replication.follow(streams.forward, actor);
      await subject.write(source, '1', 'changed');
      await subject.write(source, '2', null);
      const { ms } = await replication.awaitApplied(streams.forward, soon);
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(await subject.rows(target)).toEqual({ 1: 'changed', 3: 'name 3', 4: 'between' });
      expect(await replication.state(streams.forward)).toMatchObject({
        slot: 'active',
        subscription: 'enabled',
        applyErrors: 0,
        retainedBytes: expect.any(Number),
        lagBytes: expect.any(Number),
      });
    });

    it('trap 23: never sends back what it brought', async () => {
      await start(streams.forward);
      await start(streams.reverse, 'lead-back');
      await subject.write(source, '1', 'there');
      await subject.write(source, '9', 'new');
      await replication.awaitApplied(streams.forward, soon);
      await replication.awaitApplied(streams.reverse, soon);
      expect(await replication.state(streams.reverse)).toMatchObject({ subscription: 'enabled', applyErrors: 0 });
      await subject.write(target, '1', 'and back');
      await replication.awaitApplied(streams.reverse, soon);
      await replication.awaitApplied(streams.forward, soon);
      expect(await subject.rows(source)).toEqual({ ...before, 1: subject.filters ? 'and back' : 'there', 9: 'new' });
      expect(await subject.rows(target)).toEqual({ ...before, 1: 'and back', 9: 'new' });
    });

    it('may be asked for twice, and goes on', async () => {
      for (let turn = 0; turn < 2; turn += 1) await start(streams.forward);
      await subject.write(source, '5', 'five');
      await replication.awaitApplied(streams.forward, soon);
      expect(await subject.rows(target)).toEqual({ ...before, 5: 'five' });
    });

    it.each(['nothing', 'publish', 'keepChanges', 'follow'] as const)(
      'leaves nothing behind when it was made up to: %s',
      async (until) => {
        const steps = ['nothing', 'publish', 'keepChanges', 'follow'];
        const made = steps.indexOf(until);
        if (made > 0) await replication.publish(streams.forward, identities, actor);
        if (made > 1) await replication.keepChanges(streams.forward, actor, keep);
        if (made > 2) await replication.follow(streams.forward, actor);
        const left = async (ends?: 'from' | 'to') => (await replication.leftovers(streams.forward, ends)).length > 0;
        expect([await left(), await left('from'), await left('to')]).toEqual([made > 0, made > 0, made > 2]);
        expect(await subject.identity(source)).toBe(made > 0 ? 'full' : 'default');
        for (let turn = 0; turn < 2; turn += 1) await replication.remove(streams.forward, actor);
        expect(await replication.leftovers(streams.forward)).toEqual([]);
        expect(await subject.identity(source)).toBe('default');
        expect(await replication.state(streams.forward)).toEqual({
          slot: 'missing',
          subscription: 'missing',
          retainedBytes: null,
          lagBytes: null,
          applyErrors: 0,
        });
        await subject.write(source, '6', 'free');
        expect(await subject.rows(target)).toEqual(before);
      },
    );

    it('pauses, keeps what comes meanwhile, and goes on with it', async () => {
      await start(streams.forward);
      for (let turn = 0; turn < 2; turn += 1) await replication.pause(streams.forward, actor);
      expect(await replication.state(streams.forward)).toMatchObject({ subscription: 'disabled' });
      await subject.write(source, '8', 'eight');
      await expect(replication.awaitApplied(streams.forward, { timeoutMs: 50 })).rejects.toMatchObject({
        code: 'stream-stalled',
      });
      expect(await subject.rows(target)).toEqual(before);
      await replication.follow(streams.forward, actor);
      await replication.awaitApplied(streams.forward, soon);
      expect(await subject.rows(target)).toEqual({ ...before, 8: 'eight' });
    });

    it('measures its lag by a marker, and tells how old the oldest is that does not come', async () => {
      await start(streams.forward);
      const lag = async (timeoutMs: number) => (await subject.lag.measure(streams.forward, { timeoutMs })).ms;
      expect(await lag(soon.timeoutMs)).toBeLessThan(soon.timeoutMs);
      await replication.pause(streams.forward, actor);
      const pausedAt = performance.now();
      const first = await lag(60);
      const second = await lag(60);
      expect(first).toBeGreaterThanOrEqual(59);
      expect(second).toBeGreaterThanOrEqual(first + 59);
      await replication.follow(streams.forward, actor);
      // Of a marker sent after the old one had come.
      expect(await lag(soon.timeoutMs)).toBeLessThan(performance.now() - pausedAt - 119);
    });

    it('begins anew after it was removed', async () => {
      await start(streams.forward);
      await replication.remove(streams.forward, actor);
      await start(streams.forward);
      await subject.write(source, '7', 'seven');
      await replication.awaitApplied(streams.forward, soon);
      expect(await subject.rows(target)).toEqual({ ...before, 7: 'seven' });
    });

    it('does not go on when a table came meanwhile', async () => {
      await replication.publish(streams.forward, identities, actor);
      await subject.createTable(source, 'late');
      await expect(replication.publish(streams.forward, identities, actor)).rejects.toMatchObject({
        code: 'schema-changed',
        details: { tables: ['late'] },
      });
    });

    it.each([
      ['its own tenant', () => Promise.resolve(source)],
      ['another tenant of the server', async () => (await subject.makePair(`neighbour-${String(count)}`)).source],
    ])(
      'trap 11: waits for open writes of %s before it keeps changes, names them, and keeps nothing when that takes too long',
      async (_, writer) => {
        await replication.publish(streams.forward, identities, actor);
        const place = await writer();
        const commit = await subject.openWrite(place);
        await expect(replication.keepChanges(streams.forward, actor, { timeoutMs: 200 })).rejects.toMatchObject({
          code: 'lock-timeout',
          retry: 'wait',
          message: expect.stringContaining(`the open transaction of ${place.loginRoles.a} `),
        });
        expect(await replication.state(streams.forward)).toMatchObject({ slot: 'missing' });
        await commit();
        await replication.keepChanges(streams.forward, actor, keep);
        expect(await replication.state(streams.forward)).toMatchObject({ slot: 'idle' });
      },
    );

    it('says when nothing arrives: nobody follows, or nothing is kept', async () => {
      await replication.publish(streams.forward, identities, actor);
      await replication.keepChanges(streams.forward, actor, keep);
      await expect(replication.awaitApplied(streams.forward, { timeoutMs: 50 })).rejects.toMatchObject({
        code: 'stream-stalled',
        retry: 'backoff',
      });
      await replication.remove(streams.forward, actor);
      await replication.publish(streams.forward, identities, actor);
      await expect(replication.awaitApplied(streams.forward, { timeoutMs: 50 })).rejects.toMatchObject({
        code: 'stream-lost',
        retry: 'never',
      });
    });

    it('refuses an actor whose lease was taken over', async () => {
      await start(streams.forward);
      const stale = { ...actor, fence: 1 };
      for (const change of [
        () => replication.publish(streams.forward, identities, stale),
        () => replication.keepChanges(streams.forward, stale, keep),
        () => replication.follow(streams.forward, stale),
        () => replication.remove(streams.forward, stale),
      ]) {
        await expect(change()).rejects.toMatchObject({ code: 'lease-lost' });
      }
      expect(await replication.state(streams.forward)).toMatchObject({ subscription: 'enabled' });
    });
  });
}
