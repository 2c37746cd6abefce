import { createHash, randomBytes } from 'node:crypto';

const keyPattern = /^berth_[A-Za-z0-9_-]{43}$/;

/** 256 random bits. Shown once; only {@link hashOfKey} of it is kept. */
export function newKey(): string {
  return `berth_${randomBytes(32).toString('base64url')}`;
}

export function isKey(text: string): boolean {
  return keyPattern.test(text);
}

/** A fast hash is enough: the input has 256 bits of chance, there is nothing to guess. */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
