import type { TenantEntry } from './tenant-entry.js';

/** The name of one thing wherever it is told: in spans, in this gauge, and in Berth's own metrics of what clients report. */
export const placementGeneration = 'tenant_placement_generation';

/** The part of OpenTelemetry's meter that is used: give `metrics.getMeter('shop')` of `@opentelemetry/api`. */
export interface Meter {
  createObservableGauge(name: string, options: { readonly description: string }): Gauge;
}

interface Gauge {
  addCallback(callback: Observe): void;
  removeCallback(callback: Observe): void;
}

type Observe = (result: { observe(value: number, attributes: Readonly<Record<string, string>>): void }) => void;

/** Of each tenant in use here, the generation of the placement that its calls go to. Gives the end of it. */
export function tellGenerations(meter: Meter, entries: ReadonlyMap<string, TenantEntry>): () => void {
  const description =
    "Generation of the placement that this process uses for a tenant; it grows with each of the tenant's moves.";
  const gauge = meter.createObservableGauge(placementGeneration, { description });
  const observe: Observe = (result) => {
    for (const [tenantId, { generation }] of entries) {
      // 0: nothing is known of it yet.
      if (generation > 0) result.observe(generation, { 'berth.tenant.id': tenantId });
    }
  };
  gauge.addCallback(observe);
  return () => gauge.removeCallback(observe);
}
