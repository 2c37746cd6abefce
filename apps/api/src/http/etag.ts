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

/** What If-Match lets be changed: whatever is there (`*`), or one of these versions; of none, nothing. */
export type IfMatch = '*' | readonly number[];

const entityTag = /\s*(?<weak>W\/)?"(?<tag>[\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)/y;

/** Strong comparison, as RFC 9110 wants it: a weak tag, or one that no answer of ours held, matches nothing. @throws BerthError `invalid-request` */
export function ifMatchOf(header: string | undefined): IfMatch | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return '*';
  const versions: number[] = [];
  for (let at = 0; at < header.length || at === 0; at = entityTag.lastIndex) {
    entityTag.lastIndex = at;
    const found = entityTag.exec(header)?.groups;
    if (found === undefined) {
      throw new BerthError('invalid-request', 'If-Match: is not a list of ETags', {
        hint: 'Send the ETag of your last GET, with its quotes.',
      });
    }
    const version = /^(\d{1,9})(?:-[A-Za-z0-9_-]+)?$/.exec(found['tag'] ?? '')?.[1];
    if (found['weak'] === undefined && version !== undefined) versions.push(Number(version));
  }
  return versions;
}

/**
 * Compares what If-Match allows with what is there (null: nothing). The result is for the catalog, which compares again where
 * it changes something; undefined: no version was asked for. @throws BerthError `precondition-failed`
 */
export function requireVersion(ifMatch: IfMatch | undefined, found: number | null): number | undefined {
  if (ifMatch === undefined || (ifMatch === '*' && found !== null)) return undefined;
  if (found !== null && ifMatch.includes(found as never)) return found;
  const expected = ifMatch === '*' ? 'something' : ifMatch.map((version) => `version ${version}`).join(' or ');
  throw new BerthError(
    'precondition-failed',
    `It changed meanwhile: ${expected || 'no version of ours'} was expected, it is ${found === null ? 'not there' : String(found)}.`,
    {
      hint: 'GET it again, look at the change, and repeat with the new ETag.',
      details: { expected: ifMatch, found },
    },
  );
}
