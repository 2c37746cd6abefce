import { isDeepStrictEqual } from 'node:util';
import { BerthError, secretRefs, type LoginSlot, type TenantSecret } from '@berth/domain';
import type { StoredSecret } from '@berth/ports';
import { connectionDocument } from '../steps/publish-secret.js';
import type { Tools } from '../tools.js';
import { refuseOther } from './own-version.js';
import type { RotateLogin } from './rotate-login.input.js';

type SecretTools = Pick<Tools, 'directory' | 'secrets'>;

/** By check-and-set on the version that is known to be right. @throws `secret-conflict` */
export async function publishLogin(
  tools: SecretTools,
  { tenantId, place, generation }: RotateLogin,
  slot: LoginSlot,
  write: { readonly operationId: string; readonly expectedVersion: number },
): Promise<void> {
  const { operationId, expectedVersion } = write;
  const document = await connectionDocument(tools, place, generation, slot);
  const metadata = { tenantId, generation, operationId };
  await tools.secrets.write(secretRefs.tenantDb(tenantId), document, { expectedVersion, metadata });
}

/**
 * The secret that leads the product to the new login: the version that this rotation wrote, or one that somebody has set right
 * again since, with a number of its own. @throws `secret-conflict` with both versions
 */
export async function requirePublished(
  tools: SecretTools,
  { tenantId, place, generation, to }: RotateLogin,
  expectedVersion: number,
): Promise<StoredSecret<TenantSecret>> {
  const ref = secretRefs.tenantDb(tenantId);
  const present = await tools.secrets.read(ref);
  if (present?.version === expectedVersion) return present;
  if (present !== null) {
    const wanted = await connectionDocument(tools, place, generation, to);
    if (isDeepStrictEqual(present.document, wanted)) return present;
  }
  const foundVersion = await tools.secrets.newestVersion(ref);
  refuseOther(ref, expectedVersion, foundVersion);
  throw new BerthError('secret-missing', `The newest version of the secret ${ref} was removed during the rotation.`, {
    hint: 'Restore it, then retry the operation, or cancel it.',
    details: { ref, foundVersion },
  });
}
