import type { Actor, Place } from '@berth/domain';
import type { TenantFence } from '@berth/ports';

/** What a write of the tenant met: the generation that the fence told it, or nothing. */
export type WriteOutcome = { readonly refused: false } | { readonly refused: true; readonly generation: number };

export interface TenantFenceSubject {
  readonly fence: TenantFence;
  /** A place with the table `item`, which holds rows. */
  readonly makePlace: (tenantId: string) => Promise<Place>;
  /** One write to a table as the tenant. */
  readonly write: (place: Place, table: string) => Promise<WriteOutcome>;
  /** Creates a table as the tenant; false: it may not. */
  readonly createTable: (place: Place, table: string) => Promise<boolean>;
  /** Opens a transaction that has written; answers with its commit. */
  readonly openWrite: (place: Place) => Promise<() => Promise<void>>;
  /** Changes the definition of `item`. */
  readonly changeDefinition: (place: Place) => Promise<void>;
  /** Takes the fence off `item`, as the tenant's owner could. */
  readonly unfence: (place: Place) => Promise<void>;
  readonly close: () => Promise<void>;
}

const options = { lockTimeoutMs: 2_000 };

/** What every fence does. */
export function describeTenantFenceContract(name: string, makeSubject: () => Promise<TenantFenceSubject>): void {
  describe(`the tenant fence ${name}`, () => {
    let subject: TenantFenceSubject;
    let fence: TenantFence;
    let place: Place;
    let actor: Actor;
    let count = 0;

    beforeAll(async () => {
      subject = await makeSubject();
      fence = subject.fence;
    });
    afterAll(async () => {
      await subject?.close();
    });
    beforeEach(async () => {
      count += 1;
      place = await subject.makePlace(`contract-${count}`);
      actor = { operationId: 'op-1', tenantId: place.tenantId, fence: 2 };
    });

    const accepted = { refused: false };

    it('is open, prepared, armed and open again, and writes are refused in one state alone', async () => {
      expect(await fence.state(place)).toBe('open');
      expect(await subject.write(place, 'item')).toEqual(accepted);
      await fence.prepare(place, 5, actor);
      expect(await fence.state(place)).toBe('prepared');
      expect(await subject.write(place, 'item')).toEqual(accepted);
      await fence.arm(place, 5, actor, options);
      expect(await fence.state(place)).toBe('armed');
      expect(await subject.write(place, 'item')).toEqual({ refused: true, generation: 5 });
      await fence.remove(place, actor);
      expect(await fence.state(place)).toBe('open');
      expect(await subject.write(place, 'item')).toEqual(accepted);
    });

    it('tells what is left of it: on each table, armed or not, and the marker', async () => {
      expect(await fence.leftovers(place)).toEqual([]);
      await fence.prepare(place, 5, actor);
      expect(await fence.leftovers(place)).toEqual([expect.stringContaining(`.item on cluster ${place.clusterId}`)]);
      const fingerprint = await fence.fingerprint(place);
      await fence.arm(place, 5, actor, options);
      await fence.markMoved(place, { generation: 5, fingerprint }, actor);
      expect(await fence.leftovers(place)).toEqual([
        expect.stringContaining('.item'),
        expect.stringContaining('marker'),
      ]);
      await fence.clearMarker(place, actor);
      await fence.remove(place, actor);
      expect(await fence.leftovers(place)).toEqual([]);
      expect(await fence.leftovers({ ...place, schema: 'nowhere' })).toEqual([]);
    });

    it('does each thing again without harm', async () => {
      await fence.remove(place, actor);
      for (let turn = 0; turn < 2; turn += 1) await fence.prepare(place, 5, actor);
      for (let turn = 0; turn < 2; turn += 1) await fence.arm(place, 5, actor, options);
      await fence.prepare(place, 5, actor);
      expect(await fence.state(place)).toBe('armed');
      for (let turn = 0; turn < 2; turn += 1) await fence.remove(place, actor);
      for (let turn = 0; turn < 2; turn += 1) await fence.clearMarker(place, actor);
      expect(await fence.state(place)).toBe('open');
    });

    it('arms without having been prepared, and tells the newest generation', async () => {
      await fence.arm(place, 4, actor, options);
      await fence.arm(place, 6, actor, options);
      expect(await subject.write(place, 'item')).toEqual({ refused: true, generation: 6 });
    });

    it('covers tables made after it was prepared, and lets none be made while it is armed', async () => {
      await fence.prepare(place, 5, actor);
      expect(await subject.createTable(place, 'later')).toBe(true);
      await fence.arm(place, 5, actor, options);
      expect(await subject.write(place, 'later')).toEqual({ refused: true, generation: 5 });
      expect(await subject.createTable(place, 'outside')).toBe(false);
      await fence.remove(place, actor);
      expect(await subject.createTable(place, 'outside')).toBe(true);
    });

    it('waits for an open write, and changes nothing when that takes too long', async () => {
      const commit = await subject.openWrite(place);
      await expect(fence.arm(place, 5, actor, { lockTimeoutMs: 100 })).rejects.toMatchObject({
        code: 'lock-timeout',
        retry: 'wait',
      });
      expect(await subject.write(place, 'item')).toEqual(accepted);
      expect(await subject.createTable(place, 'still')).toBe(true);
      await commit();
      await fence.arm(place, 5, actor, options);
      expect(await fence.state(place)).toBe('armed');
    });

    it('marks a move once, behind an armed fence and an unchanged definition, and then stays', async () => {
      const fingerprint = await fence.fingerprint(place);
      await expect(fence.markMoved(place, { generation: 5, fingerprint }, actor)).rejects.toMatchObject({
        code: 'fence-missing',
      });
      await fence.arm(place, 5, actor, options);
      expect(await fence.fingerprint(place)).toBe(fingerprint);
      expect(await fence.movedMarker(place, actor)).toBeNull();
      for (let turn = 0; turn < 2; turn += 1) await fence.markMoved(place, { generation: 5, fingerprint }, actor);
      expect(await fence.movedMarker(place, actor)).toMatchObject({
        generation: 5,
        operationId: 'op-1',
        at: expect.any(Date),
      });
      await expect(fence.remove(place, actor)).rejects.toMatchObject({ code: 'past-point-of-no-return' });
      expect(await subject.write(place, 'item')).toEqual({ refused: true, generation: 5 });
      await fence.clearMarker(place, actor);
      expect(await fence.movedMarker(place, actor)).toBeNull();
      await fence.remove(place, actor);
    });

    it('refuses a pivot of an older lease once a newer one has read that there was none', async () => {
      const fingerprint = await fence.fingerprint(place);
      await fence.arm(place, 5, actor, options);
      const newer = { ...actor, fence: actor.fence + 1 };
      expect(await fence.movedMarker(place, newer)).toBeNull();
      await expect(fence.markMoved(place, { generation: 5, fingerprint }, actor)).rejects.toMatchObject({
        code: 'lease-lost',
      });
      expect(await fence.movedMarker(place, newer)).toBeNull();
    });

    it('never marks over the marker of another operation', async () => {
      const fingerprint = await fence.fingerprint(place);
      await fence.arm(place, 5, actor, options);
      await fence.markMoved(place, { generation: 5, fingerprint }, actor);
      const other = { ...actor, operationId: 'op-2' };
      await expect(fence.markMoved(place, { generation: 5, fingerprint }, other)).rejects.toMatchObject({
        code: 'placement-conflict',
      });
    });

    it('does not mark a move when a table lost its fence', async () => {
      const fingerprint = await fence.fingerprint(place);
      await fence.arm(place, 5, actor, options);
      await subject.unfence(place);
      await expect(fence.markMoved(place, { generation: 5, fingerprint }, actor)).rejects.toMatchObject({
        code: 'fence-missing',
      });
      expect(await fence.movedMarker(place, actor)).toBeNull();
    });

    it('does not mark a move when the definition changed', async () => {
      const fingerprint = await fence.fingerprint(place);
      await fence.arm(place, 5, actor, options);
      await subject.changeDefinition(place);
      expect(await fence.fingerprint(place)).not.toBe(fingerprint);
      await expect(fence.markMoved(place, { generation: 5, fingerprint }, actor)).rejects.toMatchObject({
        code: 'schema-changed',
      });
    });

    it('refuses an actor whose lease was taken over', async () => {
      await fence.prepare(place, 5, actor);
      const stale = { ...actor, fence: 1 };
      const fingerprint = await fence.fingerprint(place);
      for (const change of [
        () => fence.prepare(place, 5, stale),
        () => fence.arm(place, 5, stale, options),
        () => fence.markMoved(place, { generation: 5, fingerprint }, stale),
        () => fence.remove(place, stale),
        () => fence.clearMarker(place, stale),
      ]) {
        await expect(change()).rejects.toMatchObject({ code: 'lease-lost' });
      }
      expect(await fence.state(place)).toBe('prepared');
    });
  });
}
