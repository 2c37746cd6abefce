import type { TenantId } from '@berth/domain';
import type { Tools } from '../tools.js';

/** Retires what this operation reserved, and nothing else: the generation may belong to another operation by now. */
export async function retireOwn(
  tools: Pick<Tools, 'placements'>,
  tenantId: TenantId,
  generation: number,
  operationId: string,
): Promise<void> {
  const reserved = await tools.placements.get(tenantId, generation);
  if (reserved?.operationId === operationId) await tools.placements.retire(tenantId, generation);
}
