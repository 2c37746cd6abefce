import type { Actor, Place } from '@berth/domain';
import { type GateState, TenantGate } from '@berth/ports';
import { FakeTenantData, keyOf } from './fake-tenant-data.js';

/** Gates of schemas in memory. */
export class FakeTenantGate extends TenantGate {
  constructor(readonly data: FakeTenantData = new FakeTenantData()) {
    super();
  }

  async state(place: Place): Promise<GateState> {
    const gate = this.data.gates.get(keyOf(place));
    if (gate === undefined) return 'none';
    return gate.open ? 'open' : 'closed';
  }

  async close(place: Place, generation: number, actor: Actor): Promise<void> {
    this.data.fenceOff(place, actor);
    this.data.gates.set(keyOf(place), { generation, open: false });
    this.data.schema(place).mayCreate = false;
  }

  async open(place: Place, actor: Actor): Promise<void> {
    this.data.fenceOff(place, actor);
    const gate = this.data.gates.get(keyOf(place));
    if (gate !== undefined) this.data.gates.set(keyOf(place), { ...gate, open: true });
    this.data.schema(place).mayCreate = true;
  }

  async remove(place: Place, actor: Actor): Promise<void> {
    this.data.fenceOff(place, actor);
    this.data.gates.delete(keyOf(place));
  }

  async leftovers(place: Place): Promise<readonly string[]> {
    return this.data.gates.has(keyOf(place)) ? [`The gate is still on cluster ${place.clusterId}.`] : [];
  }
}
