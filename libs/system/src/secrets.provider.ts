import { readFile } from 'node:fs/promises';
import { secretStoreSettings, type Config } from '@berth/config';
import { BerthError } from '@berth/domain';
import { LocalSecrets } from '@berth/local-secrets';
import type { SecretStore } from '@berth/ports';

/** @throws `config-invalid` when the file of Vault's authority cannot be read; `secrets-unsafe`, `secrets-unavailable` */
export async function secretsFor(config: Config): Promise<SecretStore> {
  const settings = secretStoreSettings(config);
  if (settings.store === 'local') return await LocalSecrets.open({ folder: settings.folder });
  // Loaded where it is asked for alone: its HTTP client takes memory that a small system can spare.
  const { VaultSecrets } = await import('@berth/vault');
  const { url, namespace, caFile, timeoutMs, mount, prefix, login } = settings;
  const ca = caFile === undefined ? undefined : await certificatesIn(caFile);
  return new VaultSecrets({
    ...{ url, timeoutMs, mount, prefix, login },
    ...(namespace !== undefined && { namespace }),
    ...(ca !== undefined && { ca }),
  });
}

async function certificatesIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new BerthError('config-invalid', `BERTH_VAULT_CA_FILE: ${file} cannot be read.`, { cause });
  });
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new BerthError('config-invalid', `BERTH_VAULT_CA_FILE: ${file} holds no certificate in PEM.`);
}
