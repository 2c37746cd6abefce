import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SecretRef } from '@berth/domain';
import type { SecretMetadata } from '@berth/ports';
import type { EncryptionKey } from './key-file.js';

const cipherName = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;
const format = 1;

/** What one version's file holds. All but `data` lies in the clear, and all of it is authenticated. */
export interface SealedVersion {
  readonly format: typeof format;
  readonly ref: string;
  readonly version: number;
  readonly createdAt: string;
  readonly metadata: SecretMetadata;
  readonly keyId: string;
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

type Header = Pick<SealedVersion, 'format' | 'ref' | 'version' | 'createdAt' | 'metadata' | 'keyId'>;

/** Binds the ciphertext to its place: a file put in another's place, or a header changed by hand, does not decrypt. */
function additionalData(header: Header): Buffer {
  const { metadata } = header;
  return Buffer.from(
    JSON.stringify([
      header.format,
      header.ref,
      header.version,
      header.createdAt,
      metadata.tenantId ?? null,
      metadata.generation ?? null,
      metadata.operationId ?? null,
      header.keyId,
    ]),
  );
}

export interface VersionToSeal {
  readonly ref: SecretRef<object>;
  readonly version: number;
  readonly metadata: SecretMetadata;
  readonly document: object;
}

export function seal(key: EncryptionKey, secret: VersionToSeal, now: Date): string {
  const { ref, version, metadata, document } = secret;
  const header: Header = { format, ref, version, createdAt: now.toISOString(), metadata, keyId: key.id };
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(cipherName, key.bytes, iv, { authTagLength: tagBytes });
  cipher.setAAD(additionalData(header));
  const data = Buffer.concat([cipher.update(JSON.stringify(document), 'utf8'), cipher.final()]);
  const sealed: SealedVersion = {
    ...header,
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  };
  return `${JSON.stringify(sealed)}\n`;
}

/** What is wrong with a file: a sentence's end, never its content. */
export class SealFault extends Error {}

/** Reads the clear part, and sees that the file is the one that its place says. @throws SealFault */
export function parseSealed(text: string, ref: SecretRef<object>, version: number): SealedVersion {
  let sealed: SealedVersion;
  try {
    sealed = JSON.parse(text) as SealedVersion;
  } catch {
    // The parser's own message quotes the text.
    throw new SealFault(text === '' ? 'its file is empty' : 'its file is cut off or no JSON');
  }
  const texts = [sealed?.ref, sealed?.createdAt, sealed?.keyId, sealed?.iv, sealed?.tag, sealed?.data];
  if (
    sealed?.format !== format ||
    typeof sealed.metadata !== 'object' ||
    texts.some((part) => typeof part !== 'string')
  ) {
    throw new SealFault('its file is not in the form that this store writes');
  }
  if (sealed.ref !== ref || sealed.version !== version)
    throw new SealFault('its file is that of another secret or version');
  return sealed;
}

/** @throws SealFault */
export function unseal(key: EncryptionKey, sealed: SealedVersion): unknown {
  if (sealed.keyId !== key.id) throw new SealFault('it was written with another key');
  try {
    const decipher = createDecipheriv(cipherName, key.bytes, Buffer.from(sealed.iv, 'base64'), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(additionalData(sealed));
    decipher.setAuthTag(Buffer.from(sealed.tag, 'base64'));
    const clear = Buffer.concat([decipher.update(Buffer.from(sealed.data, 'base64')), decipher.final()]);
    return JSON.parse(clear.toString('utf8')) as unknown;
  } catch {
    throw new SealFault('its file was changed or damaged');
  }
}
