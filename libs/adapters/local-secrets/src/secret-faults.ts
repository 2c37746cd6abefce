import { BerthError, type SecretRef } from '@berth/domain';

type Ref = SecretRef<object>;

/** Names the file and what is wrong with it; never what it holds. */
export function corrupt(ref: Ref, version: number, file: string, what: string): BerthError {
  return new BerthError('secret-corrupt', `Version ${String(version)} of the secret ${ref} cannot be read: ${what}.`, {
    hint: `Restore ${file} from a backup, or write the secret anew.`,
    details: { ref, version, file },
  });
}

export function unsafe(file: string, what: string, command: string): BerthError {
  return new BerthError('secrets-unsafe', `The secrets are not safe: ${file} ${what}.`, {
    hint: `Type: ${command}`,
    details: { file, command },
  });
}

export function errnoOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** Runs file work; what the file system says becomes `secrets-unavailable`, with the sentence of the usual causes. */
export async function translated<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof BerthError) throw thrown;
    const code = errnoOf(thrown);
    const because = {
      ENOSPC: 'the disk is full',
      EACCES: 'this user may not use it',
      EPERM: 'this user may not use it',
      EROFS: 'the file system is read-only',
      ENOENT: 'it is gone',
    }[code ?? ''];
    throw new BerthError(
      'secrets-unavailable',
      `The secrets in ${folder} cannot be used: ${because ?? code ?? 'unknown fault'}.`,
      {
        cause: thrown,
        details: { folder, ...(code === undefined ? {} : { code }) },
      },
    );
  }
}
