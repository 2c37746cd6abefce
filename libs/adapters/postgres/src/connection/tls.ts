import { checkServerIdentity, rootCertificates, type ConnectionOptions } from 'node:tls';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ClusterAccess } from '@berth/domain';

type Secured = Pick<ClusterAccess, 'sslMode' | 'ca' | 'host'>;

/** libpq's modes in Node's words, for `pg`. */
export function tlsOptions({ sslMode, ca, host }: Secured): ConnectionOptions | false {
  const trusted = { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
  switch (sslMode) {
    case 'disable':
      return false;
    case 'require':
      return { rejectUnauthorized: false };
    case 'verify-ca':
      return { ...trusted, checkServerIdentity: () => undefined };
    case 'verify-full':
      // For an address `pg` names no host, and Node would compare the certificate with "localhost".
      return { ...trusted, checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate) };
  }
}

/**
 * libpq reads certificate authorities from files only. Not a secret, but nobody else may change it either. Where no authority was
 * given the file holds the public ones that Node trusts: by itself libpq has none, and would refuse what `pg` accepts.
 */
export async function withCaFile<T>(
  { sslMode, ca }: Secured,
  fn: (caFile: { readonly caFile?: string }) => Promise<T>,
): Promise<T> {
  if (sslMode === 'disable' || sslMode === 'require') return fn({});
  const folder = await mkdtemp(path.join(tmpdir(), 'berth-ca-'));
  try {
    const caFile = path.join(folder, 'ca.pem');
    await writeFile(caFile, ca ?? rootCertificates.join('\n'), { mode: 0o600 });
    return await fn({ caFile });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
