import { type Finding, secretRefs, type TenantId } from '@berth/domain';

interface Leaving {
  readonly tenantId: TenantId;
  /** Of the place to which the tenant goes. */
  readonly generation: number;
  /** The step from which on writes at the old place are refused. */
  readonly refusedFrom: 'arm-fence' | 'switch-over';
}

/**
 * What clients see that read the tenant's secret by themselves, as a mounted file or by an agent, and so learn of the switch from the old place's errors:
 * nobody but their owner can make them read it again, so the plan says so before the switch.
 */
export function ownSecretFinding({ tenantId, generation, refusedFrom }: Leaving): Finding {
  const ref = secretRefs.tenantDb(tenantId);
  return {
    code: 'clients-read-secret',
    severity: 'info',
    object: `secret ${ref}`,
    message:
      `Clients that read the secret themselves, and do not reach the tenant through a pooler that Berth leads, stay at the old place until they read it again after switch-secret: ` +
      `from ${refusedFrom} on their writes fail there with SQLSTATE 25006, message "tenant moved", detail "generation ${String(generation)}"; ` +
      `reads may give old rows, until close-source ends their sessions (57P01) and closes their logins (28000).`,
    remedy:
      'Give them the client library, which repeats what was refused at the new place; or have them read the secret again on these errors, and repeat the transaction.',
  };
}
