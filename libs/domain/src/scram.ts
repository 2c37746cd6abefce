import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** What PostgreSQL itself uses (`scram_iterations`); its clients and servers of every version accept it. */
const defaultIterations = 4096;
const saltBytes = 16;

const verifierPattern = /^SCRAM-SHA-256\$\d+:[A-Za-z0-9+/]+={0,2}\$[A-Za-z0-9+/]+={0,2}:[A-Za-z0-9+/]+={0,2}$/;

export interface ScramOptions {
  readonly salt?: Buffer;
  readonly iterations?: number;
}

/**
 * The SCRAM-SHA-256 verifier of a password, in PostgreSQL's own form. `PASSWORD '<verifier>'` stores it as it is, so the
 * clear password reaches no server and no server log.
 *
 * Only printable ASCII is taken: there SASLprep (RFC 4013) changes nothing. Any other character could be normalised
 * differently by the client, and a login would fail for no visible reason.
 */
export function scramVerifier(password: string, options: ScramOptions = {}): string {
  if (!/^[\x20-\x7e]+$/.test(password)) {
    throw new RangeError('a password must be one or more printable ASCII characters');
  }
  const salt = options.salt ?? randomBytes(saltBytes);
  const iterations = options.iterations ?? defaultIterations;
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const keyFor = (label: string): Buffer => createHmac('sha256', salted).update(label).digest();
  const storedKey = createHash('sha256').update(keyFor('Client Key')).digest('base64');
  const serverKey = keyFor('Server Key').toString('base64');
  return `SCRAM-SHA-256$${String(iterations)}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/** True for a whole verifier. PostgreSQL would take anything else for a clear password and hash it again. */
export function isScramVerifier(text: string): boolean {
  return verifierPattern.test(text);
}
