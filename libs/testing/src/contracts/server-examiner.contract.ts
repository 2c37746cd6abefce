import { streamsOf } from '@berth/domain';
import type { ServerExaminer, TenantDatabase, WantedTenant } from '@berth/ports';

export interface ServerExaminerSubject {
  readonly examiner: ServerExaminer;
  readonly database: Pick<TenantDatabase, 'inspect'>;
  readonly clusterId: string;
  /** Nothing answers there. */
  readonly unreachableId: string;
  /** A tenant as it should be. */
  readonly makeTenant: (tenantId: string) => Promise<WantedTenant>;
  /** Takes a login of the tenant away. */
  readonly damage: (wanted: WantedTenant) => Promise<void>;
  /** Makes a slot, and a role of the stream, as a move does. */
  readonly leaveStream: (name: string) => Promise<void>;
  readonly leaveScratch: (database: string) => Promise<void>;
}

/** What every examiner of servers does. */
export function describeServerExaminerContract(name: string, makeSubject: () => Promise<ServerExaminerSubject>): void {
  describe(`the server examiner ${name}`, () => {
    let subject: ServerExaminerSubject;

    beforeAll(async () => {
      subject = await makeSubject();
    });

    it('finds many tenants as one look at each finds them', async () => {
      const { examiner, database, clusterId } = subject;
      const sound = await subject.makeTenant('sound');
      const hurt = await subject.makeTenant('hurt');
      await subject.damage(hurt);
      const absent = { ...sound, place: { ...(await subject.makeTenant('other')).place, schema: 'not_there' } };
      const found = await examiner.drift(clusterId, [hurt, sound, absent]);
      expect([...found.keys()].sort()).toEqual(['hurt', 'other', 'sound']);
      expect(found.get(sound.place.tenantId)).toEqual([]);
      for (const wanted of [hurt, absent]) {
        const findings = found.get(wanted.place.tenantId) ?? [];
        expect(findings).not.toEqual([]);
        expect(findings).toEqual(await database.inspect(wanted));
      }
      expect((await examiner.drift(clusterId, [])).size).toBe(0);
    });

    it('reads what bears the name of a stream, and takes one stream away and no other', async () => {
      const { examiner, clusterId } = subject;
      const { place } = await subject.makeTenant('streamed');
      const { forward, reverse } = streamsOf(place, place, 7);
      for (const stream of [forward, reverse]) await subject.leaveStream(stream.name);
      const names = async () => {
        const { slots, streamParts } = await examiner.read(clusterId);
        return [...slots, ...streamParts].map((part) => part.name);
      };
      expect(await names()).toEqual([forward.name, reverse.name, forward.name, reverse.name]);
      for (let turn = 0; turn < 2; turn += 1) await examiner.removeStream(place, forward.name);
      expect(await names()).toEqual([reverse.name, reverse.name]);
      const other = (await subject.makeTenant('stranger')).place;
      await expect(examiner.removeStream(other, reverse.name)).rejects.toMatchObject({ code: 'invalid-request' });
      expect(await names()).toEqual([reverse.name, reverse.name]);
      await examiner.removeStream(place, reverse.name);
    });

    it('reads databases of rehearsals, and drops one', async () => {
      const { examiner, clusterId } = subject;
      const [one, other] = ['1', '2'].map((digit) => `berth_scratch_${digit.repeat(24)}`) as [string, string];
      await subject.leaveScratch(one);
      await subject.leaveScratch(other);
      expect((await examiner.read(clusterId)).scratch).toEqual([one, other]);
      for (let turn = 0; turn < 2; turn += 1) await examiner.dropScratch(clusterId, one);
      expect((await examiner.read(clusterId)).scratch).toEqual([other]);
    });

    it('says that a server does not answer', async () => {
      const refusal = { code: 'cluster-unreachable' };
      await expect(subject.examiner.read(subject.unreachableId)).rejects.toMatchObject(refusal);
      const wanted = await subject.makeTenant('lonely');
      await expect(subject.examiner.drift(subject.unreachableId, [wanted])).rejects.toMatchObject(refusal);
    });
  });
}
