import { createHash } from 'node:crypto';
import { type Actor, BerthError, type Place } from '@berth/domain';
import { type FenceState, type MovedMarker, TenantFence } from '@berth/ports';
import { FakeTenantData, keyOf as schemaKeyOf } from './fake-tenant-data.js';

/** The fence over schemas in memory. */
export class FakeTenantFence extends TenantFence {
  readonly #markers = new Map<string, MovedMarker>();

  constructor(readonly data: FakeTenantData = new FakeTenantData()) {
    super();
  }

  async state(place: Place): Promise<FenceState> {
    const { tables, fences, mayCreate } = this.data.schema(place);
    if (!mayCreate && [...tables.keys()].every((table) => fences.get(table)?.enabled === true)) return 'armed';
    return mayCreate && fences.size === 0 ? 'open' : 'prepared';
  }

  async prepare(place: Place, generation: number, actor: Actor): Promise<void> {
    this.data.fenceOff(place, actor);
    const { tables, fences } = this.data.schema(place);
    for (const table of tables.keys()) {
      if (fences.get(table)?.generation !== generation) fences.set(table, { generation, enabled: false });
    }
  }

  async arm(
    place: Place,
    generation: number,
    actor: Actor,
    options: { readonly lockTimeoutMs: number },
  ): Promise<void> {
    this.data.fenceOff(place, actor);
    await this.data.awaitWriters(place, options.lockTimeoutMs);
    const schema = this.data.schema(place);
    for (const table of schema.tables.keys()) schema.fences.set(table, { generation, enabled: true });
    schema.mayCreate = false;
  }

  async remove(place: Place, actor: Actor): Promise<void> {
    this.data.fenceOff(place, actor);
    const gated = this.data.gates.get(schemaKeyOf(place))?.open === false;
    if (this.#markers.has(keyOf(place)) && !gated)
      throw new BerthError('past-point-of-no-return', `Tenant ${place.tenantId} has moved away.`);
    const schema = this.data.schema(place);
    schema.fences.clear();
    if (!gated) schema.mayCreate = true;
  }

  async markMoved(
    place: Place,
    moved: { readonly generation: number; readonly fingerprint: string },
    actor: Actor,
  ): Promise<void> {
    this.data.fenceOff(place, actor);
    const { tables, fences, mayCreate } = this.data.schema(place);
    const open = [...tables.keys()].filter(
      (table) => fences.get(table)?.enabled !== true || fences.get(table)?.generation !== moved.generation,
    );
    if (open.length > 0 || mayCreate)
      throw new BerthError('fence-missing', `The fence is not armed: ${open.join(', ')}.`);
    if ((await this.fingerprint(place)) !== moved.fingerprint)
      throw new BerthError('schema-changed', 'The definition changed during the move.');
    const known = this.#markers.get(keyOf(place));
    if (known !== undefined && (known.generation !== moved.generation || known.operationId !== actor.operationId)) {
      throw new BerthError('placement-conflict', `Tenant ${place.tenantId} has already moved.`);
    }
    this.#markers.set(
      keyOf(place),
      known ?? { generation: moved.generation, operationId: actor.operationId, at: new Date() },
    );
  }

  async movedMarker(place: Place, actor: Actor): Promise<MovedMarker | null> {
    this.data.fenceOff(place, actor);
    return this.#markers.get(keyOf(place)) ?? null;
  }

  async clearMarker(place: Place, actor: Actor): Promise<void> {
    this.data.fenceOff(place, actor);
    this.#markers.delete(keyOf(place));
  }

  async leftovers(place: Place): Promise<readonly string[]> {
    const { clusterId, schema } = place;
    const fenced = [...(this.data.find(place)?.fences.keys() ?? [])];
    return [
      ...fenced.map((table) => `The fence is still on ${schema}.${table} on cluster ${clusterId}.`),
      ...(this.#markers.has(keyOf(place)) ? [`The marker is still on cluster ${clusterId}.`] : []),
    ];
  }

  async fingerprint(place: Place): Promise<string> {
    const lines = [...this.data.schema(place).definitions].map(([name, look]) => JSON.stringify([name, look])).sort();
    return createHash('sha256').update(lines.join('\n')).digest('hex');
  }
}

/** As in the servers: one marker a tenant and database. */
function keyOf({ clusterId, database, tenantId }: Place): string {
  return [clusterId, database, tenantId].join('/');
}
