import type { ClientReport, ClientWord, TenantId } from '@berth/domain';

/** Who works with a tenant, by their own word: what a rotation waits for beside the sessions that the server shows. */
export abstract class ClientReports {
  /** Keeps the newest report of each client. */
  abstract report(tenantId: TenantId, word: ClientWord): Promise<ClientReport>;

  /** The reports that are younger than `clientReportLifeMs`, by the clients' names. */
  abstract live(tenantId: TenantId): Promise<readonly ClientReport[]>;
}
