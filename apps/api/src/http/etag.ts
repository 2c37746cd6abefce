import { createHash } from 'node:crypto';
import { BerthError } from '@berth/domain';

/** `"<version>-<hash of the body>"`: the version is what If-Match guards, the hash tells If-None-Match of any other change. */
export function etagOf(version: number | undefined, payload: string): string {
  const hash = createHash('sha1').update(payload).digest('base64url').slice(0, 16);
  return version === undefined ? `"${hash}"` : `"${version}-${hash}"`;
}

export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}

/** @throws BerthError `invalid-request` for a header that no answer of ours ever held */
export function expectedVersionOf(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch === '*') return undefined;
  const version = /^"(\d{1,9})(?:-[A-Za-z0-9_-]+)?"$/.exec(ifMatch)?.[1];
  if (version !== undefined) return Number(version);
  throw new BerthError('invalid-request', 'If-Match: is not an ETag of this API', {
    hint: 'Send the ETag of your last GET, with its quotes.',
  });
}

/** For changes that the catalog does not compare itself. @throws BerthError `precondition-failed` */
export function requireVersion(expected: number | undefined, found: number): void {
  if (expected === undefined || expected === found) return;
  throw new BerthError(
    'precondition-failed',
    `It changed meanwhile: version ${expected} was expected, it is ${found}.`,
    {
      hint: 'GET it again, look at the change, and repeat with the new ETag.',
      details: { expected, found },
    },
  );
}
