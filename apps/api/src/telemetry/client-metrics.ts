import type { ClientReports, MoveCatalog } from '@berth/ports';
import { type Counter, Gauge, type Registry } from 'prom-client';

/** Each client is a series of its own, and tells the most while its tenant moves. */
const mostMoves = 100;
const name = 'tenant_placement_generation';

/** With which placement the clients of moving tenants work, by their own word: who is still at the old one after the switch. */
export function tellClients(
  registry: Registry,
  unread: Counter<'metric'>,
  { moves, clients }: { readonly moves: Pick<MoveCatalog, 'list'>; readonly clients: Pick<ClientReports, 'live'> },
): void {
  new Gauge({
    name,
    help: 'Generation of the placement that a client of a tenant reports to use. Tenants of the newest 100 open moves.',
    labelNames: ['tenant', 'client'],
    registers: [registry],
    async collect() {
      this.reset();
      try {
        const { items } = await moves.list({ open: true }, { limit: mostMoves });
        const tenants = [...new Set(items.map(({ tenantId }) => tenantId))];
        const reports = await Promise.all(tenants.map((tenant) => clients.live(tenant)));
        for (const [index, tenant] of tenants.entries())
          for (const { client, generation } of reports[index] ?? []) this.set({ tenant, client }, generation);
      } catch {
        // What was read before it failed would look like all.
        this.reset();
        unread.inc({ metric: name });
      }
    },
  });
}
