import type { SecretMetadata } from '@berth/ports';
import { at } from './json-body.js';

/**
 * The name beside the document's own under which a version tells who wrote it. Vault's custom metadata belong to a path and
 * are written by a second request: they could name another write than the version that is read.
 */
const marker = '_berth';

export function packed(document: object, metadata: SecretMetadata): object {
  return { ...document, [marker]: metadata };
}

/** A version written by hand has no marker, or one that somebody broke: then nothing is known about it. */
export function unpacked(data: unknown): { readonly document: unknown; readonly metadata: SecretMetadata } {
  const { [marker]: _, ...document } = data as Readonly<Record<string, unknown>>;
  const [tenantId, generation, operationId] = ['tenantId', 'generation', 'operationId'].map((name) =>
    at(data, marker, name),
  );
  return {
    document,
    metadata: {
      ...(typeof tenantId === 'string' && { tenantId }),
      ...(typeof generation === 'number' && { generation }),
      ...(typeof operationId === 'string' && { operationId }),
    },
  };
}
