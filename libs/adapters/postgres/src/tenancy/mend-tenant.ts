import { BerthError, type Place } from '@berth/domain';
import type { WantedTenant } from '@berth/ports';
import { type Connection, grantToSelf, quoteIdent, revokeFromSelf } from '../connection/index.js';
import type { Deviation } from './deviation.js';
import { setVerifiers } from './role-facts.js';
import { deviationsOf } from './tenant-facts.js';
import { readTenantState, type TenantState } from './tenant-state.js';

/**
 * Brings the tenant to what it should be, in the open transaction; returns the changes as sentences. `which`: only these deviations.
 */
export async function mendTenant(
  client: Connection,
  wanted: WantedTenant,
  which: (deviation: Deviation) => boolean = () => true,
): Promise<readonly string[]> {
  const state = await readTenantState(client, wanted.place);
  const mendable = deviationsOf(state, wanted).filter((found) => found.mend.length > 0 && which(found));
  refuseUnprepared(state, wanted.place);
  await client.query(mendingMessage(state, wanted, mendable));
  return mendable.map(({ finding }) => finding.remedy ?? finding.message);
}

function refuseUnprepared(state: TenantState, place: Place): void {
  if (state.serviceExists && state.groupExists) return;
  throw new BerthError('preflight-failed', `Cluster ${place.clusterId} is not prepared: a role of Berth is missing.`, {
    hint: 'Prepare the cluster again.',
  });
}

/**
 * Everything in one message: a new tenant costs one round trip. The admin is a member of the owner role from right after that
 * role stands until the end.
 */
function mendingMessage(state: TenantState, wanted: WantedTenant, deviations: readonly Deviation[]): string {
  const owner = wanted.place.ownerRole;
  const isOwnerRole = ({ finding }: Deviation): boolean => finding.object === `role ${quoteIdent(owner)}`;
  const mends = (list: readonly Deviation[]): readonly string[] => list.flatMap(({ mend }) => mend);
  const rest = deviations.filter((found) => !isOwnerRole(found));
  const statements = [
    ...mends(deviations.filter(isOwnerRole)),
    ...(rest.length === 0 ? [] : [grantToSelf(state.major, owner), ...mends(rest), revokeFromSelf(owner)]),
    ...setVerifiers(state, wanted),
  ];
  return statements.join(';\n');
}
