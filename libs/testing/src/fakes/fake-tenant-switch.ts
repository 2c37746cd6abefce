import { type Actor, BerthError, type ComparisonReport, type ReplicationStream } from '@berth/domain';
import { type HeldClients, type SwitchReport, type SwitchRequest, TenantSwitch } from '@berth/ports';
import { compareSchemas } from './fake-tenant-comparison.js';
import type { FakeTenantFence } from './fake-tenant-fence.js';
import type { FakeTenantGate } from './fake-tenant-gate.js';
import type { FakeTenantReplication } from './fake-tenant-replication.js';

export interface FakeSwitchParts {
  readonly fence: FakeTenantFence;
  readonly gate: FakeTenantGate;
  readonly replication: FakeTenantReplication;
}

/** The order of the real one, over the other fakes. */
export class FakeTenantSwitch extends TenantSwitch {
  readonly #parts: FakeSwitchParts;
  /** What a process that dies forgets. */
  readonly frozen = new Map<string, ComparisonReport>();

  constructor(parts: FakeSwitchParts) {
    super();
    this.#parts = parts;
  }

  /** Here every stream carries all the time. */
  async giveUp(): Promise<void> {
    return Promise.resolve();
  }

  async turn(): Promise<void> {
    return Promise.resolve();
  }

  async compareFrozen({ name }: ReplicationStream): Promise<ComparisonReport | null> {
    const report = this.frozen.get(name) ?? null;
    this.frozen.delete(name);
    return report;
  }

  async run(request: SwitchRequest, actor: Actor, clients?: HeldClients): Promise<SwitchReport> {
    const { fence, gate, replication } = this.#parts;
    const { forward, reverse } = request.streams;
    const { from, to } = forward;
    const { data } = replication;
    if ((await fence.fingerprint(from)) !== request.fingerprint)
      throw new BerthError('schema-changed', 'The definition changed during the move.');
    if (request.stamp !== null && request.stamp !== data.stampOfBoth(forward))
      throw new BerthError('verification-stale', 'Tables were written anew after their rows were compared.');
    if ((await fence.state(from)) === 'open' || (await gate.state(to)) !== 'closed')
      throw new BerthError('fence-missing', 'Fence or gate does not stand.');
    for (const stream of [forward, reverse]) {
      const { slot, subscription } = await replication.state(stream);
      if (slot === 'missing') throw new BerthError('stream-lost', `The slot ${stream.name} is missing.`);
      if (subscription !== 'enabled') throw new BerthError('stream-stalled', `Nobody follows ${stream.name}.`);
    }
    let attempts = 1;
    for (; ; attempts += 1) {
      try {
        await clients?.hold();
        await data.awaitWriters(from, request.lockTimeoutMs);
        break;
      } catch (error) {
        await clients?.release();
        if (attempts >= request.attempts) throw error;
      }
    }
    await replication.awaitApplied(forward, { timeoutMs: request.deadlineMs });
    const { sequences } = data.schema(from);
    for (const [name, value] of sequences) data.schema(to).sequences.set(name, value);
    await fence.arm(from, request.generation, actor, { lockTimeoutMs: request.lockTimeoutMs });
    await fence.markMoved(from, request, actor);
    this.frozen.set(forward.name, compareSchemas(data.schema(from), data.schema(to)));
    await gate.open(to, actor);
    await clients?.follow().catch(() => undefined);
    const times = { prepare: 0, lock: 0, arm: 0, marker: 0, sequences: 0, pivot: 0, open: 0 };
    const positions = { marker: attempts, markerLsn: '0/1', pivotLsn: '0/2', openLsn: '0/3' };
    return { attempts, lockedAt: new Date(), writePauseMs: 0, times, positions, sequences: sequences.size };
  }
}
