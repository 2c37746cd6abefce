import type { Actor, Place } from '@berth/domain';
import type { TenantGate } from '@berth/ports';
import type { WriteOutcome } from './tenant-fence.contract.js';

export interface TenantGateSubject {
  readonly gate: TenantGate;
  /** A place with the table `item`. */
  readonly makePlace: (tenantId: string) => Promise<Place>;
  /** One write to `item` as the tenant. */
  readonly write: (place: Place) => Promise<WriteOutcome>;
  /** Makes a table as the tenant; false: it may not. */
  readonly createTable: (place: Place, table: string) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** What every gate does. */
export function describeTenantGateContract(name: string, makeSubject: () => Promise<TenantGateSubject>): void {
  describe(`the tenant gate ${name}`, () => {
    let subject: TenantGateSubject;
    let gate: TenantGate;
    let place: Place;
    let actor: Actor;
    let count = 0;

    beforeAll(async () => {
      subject = await makeSubject();
      gate = subject.gate;
    });
    afterAll(async () => {
      await subject?.close();
    });
    beforeEach(async () => {
      count += 1;
      place = await subject.makePlace(`gated-${String(count)}`);
      actor = { operationId: 'op-1', tenantId: place.tenantId, fence: 2 };
    });

    it('refuses writes while it is closed, and tells the generation', async () => {
      expect(await gate.state(place)).toBe('none');
      expect(await subject.write(place)).toEqual({ refused: false });
      await gate.close(place, 5, actor);
      expect(await gate.state(place)).toBe('closed');
      expect(await subject.write(place)).toEqual({ refused: true, generation: 5 });
      await gate.open(place, actor);
      expect(await gate.state(place)).toBe('open');
      expect(await subject.write(place)).toEqual({ refused: false });
      await gate.remove(place, actor);
      expect(await gate.state(place)).toBe('none');
      expect(await subject.write(place)).toEqual({ refused: false });
    });

    it('tells what is left of it, closed or open', async () => {
      expect(await gate.leftovers(place)).toEqual([]);
      await gate.close(place, 5, actor);
      const left = await gate.leftovers(place);
      expect(left.at(-1)).toContain(`cluster ${place.clusterId}`);
      await gate.open(place, actor);
      expect(await gate.leftovers(place)).toEqual(left);
      await gate.remove(place, actor);
      expect(await gate.leftovers(place)).toEqual([]);
    });

    it('may be asked for twice, and tells the newest generation', async () => {
      await gate.open(place, actor);
      expect(await gate.state(place)).toBe('none');
      for (const generation of [4, 6, 6]) await gate.close(place, generation, actor);
      expect(await subject.write(place)).toEqual({ refused: true, generation: 6 });
      for (let turn = 0; turn < 2; turn += 1) await gate.open(place, actor);
      await gate.close(place, 6, actor);
      expect(await gate.state(place)).toBe('closed');
      for (let turn = 0; turn < 2; turn += 1) await gate.remove(place, actor);
      expect(await subject.write(place)).toEqual({ refused: false });
    });

    it('lets nobody make a table, which would have no gate, before it is open', async () => {
      await gate.close(place, 5, actor);
      expect(await subject.createTable(place, 'outside')).toBe(false);
      await gate.open(place, actor);
      expect(await subject.createTable(place, 'inside')).toBe(true);
      await gate.remove(place, actor);
      expect(await subject.createTable(place, 'later')).toBe(true);
    });

    it('refuses an actor whose lease was taken over', async () => {
      await gate.close(place, 5, actor);
      const stale = { ...actor, fence: 1 };
      for (const change of [
        () => gate.close(place, 5, stale),
        () => gate.open(place, stale),
        () => gate.remove(place, stale),
      ]) {
        await expect(change()).rejects.toMatchObject({ code: 'lease-lost' });
      }
      expect(await gate.state(place)).toBe('closed');
    });
  });
}
