import { open } from 'node:fs/promises';
import { BerthError } from '@berth/domain';
import type { ApiKeyCatalog, AuditLog } from '@berth/ports';
import { hashOfKey, isKey } from './api-key-format.js';

/**
 * Makes the first admin key known to the catalog, by its hash. Idempotent. A key that was revoked stays revoked: the file
 * does not bring it back. @throws BerthError `config-invalid`: the file is missing, readable by others, or holds no key
 */
export async function admitBootstrapKey(file: string, keys: ApiKeyCatalog, audit: AuditLog): Promise<void> {
  const hash = hashOfKey(await readKeyFile(file));
  if ((await keys.findByHash(hash)) !== null) return;
  const id = `bootstrap-${hash.slice(0, 12)}`;
  try {
    await keys.create({ id, name: 'bootstrap', scopes: ['admin'], tenantId: null, expiresAt: null }, hash);
  } catch (error) {
    // Two API processes that start at once: one wrote it, which is all that was wanted.
    if ((await keys.findByHash(hash)) === null) throw error;
    return;
  }
  await audit.append({
    actor: 'bootstrap',
    action: 'create-api-key',
    tenantId: null,
    object: `/v1/api-keys/${id}`,
    from: null,
    answer: '201',
    operationId: null,
  });
}

async function readKeyFile(file: string): Promise<string> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw refused('cannot be read', error);
  });
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0)
      throw refused('may be read by others: its mode must be 0600', undefined, `Type "chmod 600 ${file}".`);
    const key = (await handle.readFile('utf8')).trim();
    if (!isKey(key)) throw refused('holds no API key ("berth_" and 43 characters)');
    return key;
  } finally {
    await handle.close();
  }
}

function refused(
  fault: string,
  cause?: unknown,
  hint = 'Correct the file or the setting, and start again.',
): BerthError {
  return new BerthError(
    'config-invalid',
    `The configuration has 1 fault(s):\n  BERTH_BOOTSTRAP_KEY_FILE: the file ${fault}`,
    { cause, hint },
  );
}
