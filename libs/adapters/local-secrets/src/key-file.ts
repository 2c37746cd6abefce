import { createHash, randomBytes } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { BerthError } from '@berth/domain';
import { createWhole, randomName } from './safe-files.js';
import { errnoOf, unsafe } from './secret-faults.js';

const keyBytes = 32;
const othersMask = 0o077;

export interface EncryptionKey {
  /** Says which key a file was written with; a hash, so it may lie in the clear. */
  readonly id: string;
  readonly bytes: Buffer;
}

interface Ownership {
  readonly mode: number;
  readonly uid: number;
}

function checkOwnership(file: string, found: Ownership, wanted: string): void {
  const own = process.getuid?.();
  if (own !== undefined && own !== 0 && found.uid !== own) {
    throw unsafe(file, `belongs to the user with the id ${String(found.uid)}`, `chown ${String(own)} ${file}`);
  }
  if ((found.mode & othersMask) !== 0) {
    throw unsafe(
      file,
      `can be reached by others (mode ${(found.mode & 0o777).toString(8)})`,
      `chmod ${wanted} ${file}`,
    );
  }
}

/** @throws `secrets-unsafe` when anybody but its owner can reach the folder */
export async function checkFolder(folder: string): Promise<void> {
  checkOwnership(folder, await stat(folder), '700');
}

/** The key in the file, or null when there is no file. @throws `secrets-unsafe` */
export async function readKey(file: string): Promise<EncryptionKey | null> {
  const handle = await open(file, 'r').catch((thrown: unknown) => {
    if (errnoOf(thrown) === 'ENOENT') return null;
    throw thrown;
  });
  if (handle === null) return null;
  try {
    // The open file is asked, not its name: between two looks at a name another file may come to lie there.
    checkOwnership(file, await handle.stat(), '600');
    const bytes = Buffer.from((await handle.readFile('utf8')).trim(), 'base64');
    if (bytes.length === keyBytes) return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 16), bytes };
  } finally {
    await handle.close();
  }
  throw keyLost(file, 'holds no key');
}

/** Makes the key on first use. Of several processes that try, one makes it and the others read it. */
export async function makeKey(file: string, tmpFolder: string): Promise<EncryptionKey> {
  await createWhole(path.join(tmpFolder, randomName()), file, `${randomBytes(keyBytes).toString('base64')}\n`);
  const key = await readKey(file);
  if (key === null) throw keyLost(file, 'vanished');
  return key;
}

export function keyLost(file: string, what: string): BerthError {
  return new BerthError('secrets-unavailable', `The key of the secrets, ${file}, ${what}.`, {
    retry: 'operator',
    hint: 'Restore the key file from a backup: without it no secret in this folder can be read.',
    details: { file },
  });
}
