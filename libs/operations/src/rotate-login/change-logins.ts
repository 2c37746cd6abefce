import { secretRefs, type TenantLogins } from '@berth/domain';
import { storedLogins, type Tools } from '../tools.js';
import { ownVersion, refuseOther } from './own-version.js';
import type { RotateLogin } from './rotate-login.input.js';

/**
 * The next version of Berth's own record of the logins, on top of the one that this operation staged.
 * @throws `secret-conflict` when somebody else wrote on top of it
 */
export async function changeLogins(
  {
    input,
    operationId,
    tools,
  }: { readonly input: RotateLogin; readonly operationId: string; readonly tools: Pick<Tools, 'secrets'> },
  change: (logins: TenantLogins) => Partial<TenantLogins>,
): Promise<void> {
  const { tenantId, generation } = input;
  const { ref, version, document } = await storedLogins(tools, tenantId);
  refuseOther(ref, await ownVersion(tools.secrets, secretRefs.tenantLogins(tenantId), operationId), version);
  const metadata = { tenantId, generation, operationId };
  await tools.secrets.write(ref, { ...document, ...change(document) }, { expectedVersion: version, metadata });
}
