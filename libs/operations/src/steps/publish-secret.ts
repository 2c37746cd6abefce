import { BerthError, secretRefs, tenantUrl, type LoginSlot, type Place, type TenantSecret } from '@berth/domain';
import { loginsOf, type SecretReader, type Tools } from '../tools.js';

type SecretTools = Pick<Tools, 'directory' | 'secrets'>;
type ReadTools = SecretReader & { readonly directory: Pick<Tools['directory'], 'access'> };

/**
 * Writes the document by which the product reaches the tenant, by check-and-set on the version that was read. A repeat finds
 * its own write and changes nothing. @throws `secret-conflict` when somebody else wrote meanwhile
 */
export async function publishSecret(
  tools: SecretTools,
  to: {
    readonly place: Place;
    readonly generation: number;
    readonly operationId: string;
    /** Leaves a secret alone that names this very place already, whatever its credentials: they may have been rotated since. */
    readonly onlyIfOutdated?: boolean;
    /** The version that may be replaced; without it whatever is the newest. */
    readonly expectedVersion?: number;
  },
): Promise<{ readonly secretVersion: number }> {
  const ref = secretRefs.tenantDb(to.place.tenantId);
  const present = await tools.secrets.read(ref);
  if (present?.metadata.operationId === to.operationId) return { secretVersion: present.version };
  if (present !== null && present.document.generation > to.generation) {
    throw new BerthError(
      'secret-conflict',
      `The secret ${ref} already names generation ${String(present.document.generation)}.`,
      {
        hint: 'Somebody wrote the secret by hand or a newer operation ran. Compare `berth tenants show` with the secret, then retry.',
        details: { foundGeneration: present.document.generation, generation: to.generation },
      },
    );
  }
  const document = await connectionDocument(tools, to.place, to.generation);
  if (present !== null && to.onlyIfOutdated === true && namesSamePlace(present.document, document))
    return { secretVersion: present.version };
  const secretVersion = await tools.secrets.write(ref, document, {
    expectedVersion: to.expectedVersion ?? present?.version ?? (await tools.secrets.newestVersion(ref)),
    metadata: { tenantId: to.place.tenantId, generation: to.generation, operationId: to.operationId },
  });
  return { secretVersion };
}

export type SecretFault = 'missing' | 'outdated' | 'newer';

/** What `restore-secret` would find: null when the secret names this very place. */
export async function secretFault(
  tools: ReadTools,
  to: { readonly place: Place; readonly generation: number },
): Promise<SecretFault | null> {
  const present = await tools.secrets.read(secretRefs.tenantDb(to.place.tenantId));
  if (present === null) return 'missing';
  if (present.document.generation > to.generation) return 'newer';
  return namesSamePlace(present.document, await connectionDocument(tools, to.place, to.generation)) ? null : 'outdated';
}

/** An instance that was started again may have another port: then the generation is right, and the address is not. */
function namesSamePlace(one: TenantSecret, other: TenantSecret): boolean {
  const keys = ['generation', 'host', 'port', 'database', 'schema', 'sslmode', 'sslrootcert'] as const;
  return keys.every((key) => one[key] === other[key]);
}

/** What the product reads. Without a slot: by the login that is active. @throws `secret-missing` */
export async function connectionDocument(
  tools: ReadTools,
  place: Place,
  generation: number,
  loginSlot?: LoginSlot,
): Promise<TenantSecret> {
  const access = await tools.directory.access(place.clusterId);
  const logins = await loginsOf(tools, place.tenantId);
  const slot = loginSlot ?? logins.active;
  const credentials = logins[slot];
  if (credentials === null)
    throw new BerthError('secret-missing', `The login ${slot} of tenant ${place.tenantId} has no password.`);
  const document = {
    host: access.host,
    port: access.port,
    database: place.database,
    schema: place.schema,
    username: place.loginRoles[slot],
    password: credentials.password,
    sslmode: access.sslMode,
    ...(access.ca !== undefined && { sslrootcert: access.ca }),
    generation,
  };
  return { ...document, url: tenantUrl(document) };
}
