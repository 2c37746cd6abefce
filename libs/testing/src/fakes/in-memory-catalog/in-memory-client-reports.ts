import { type ClientReport, clientReportLifeMs, type ClientWord, type TenantId } from '@berth/domain';
import { ClientReports } from '@berth/ports';
import type { CatalogMemory } from './catalog-memory.js';

export class InMemoryClientReports extends ClientReports {
  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async report(
    tenantId: TenantId,
    { client, username, generation, readyFor = null }: ClientWord,
  ): Promise<ClientReport> {
    const now = this.memory.now();
    const known = this.#live(tenantId).find((report) => report.client === client);
    const seen = { firstSeenAt: known?.firstSeenAt ?? now, lastSeenAt: now };
    const report = { client, username, generation, readyFor, ...seen };
    const others = this.#live(tenantId).filter((other) => other.client !== client);
    this.memory.clientReports.set(tenantId, [...others, report]);
    return report;
  }

  async live(tenantId: TenantId): Promise<readonly ClientReport[]> {
    return [...this.#live(tenantId)].sort((one, other) => (one.client < other.client ? -1 : 1));
  }

  #live(tenantId: TenantId): readonly ClientReport[] {
    const oldest = this.memory.now(-clientReportLifeMs);
    return (this.memory.clientReports.get(tenantId) ?? []).filter(({ lastSeenAt }) => lastSeenAt > oldest);
  }
}
