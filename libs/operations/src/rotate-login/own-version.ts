import { BerthError, type SecretRef } from '@berth/domain';
import type { SecretStore } from '@berth/ports';

/** The newest version of a secret that this operation wrote; 0: it wrote none. */
export async function ownVersion(secrets: SecretStore, ref: SecretRef<object>, operationId: string): Promise<number> {
  const versions = await secrets.versions(ref);
  return versions.find(({ metadata }) => metadata.operationId === operationId)?.version ?? 0;
}

/** @throws `secret-conflict` with both versions: somebody else wrote on top, and what he wrote is not overwritten */
export function refuseOther(ref: SecretRef<object>, expectedVersion: number, foundVersion: number): void {
  if (expectedVersion === foundVersion) return;
  throw new BerthError(
    'secret-conflict',
    `The secret ${ref} is at version ${String(foundVersion)}, not ${String(expectedVersion)}: somebody else wrote it during the rotation.`,
    {
      hint: 'Nothing was overwritten. See the runbook secret-conflict: the rotation goes on when the secret is right again, or can be cancelled.',
      details: { ref, expectedVersion, foundVersion },
    },
  );
}
