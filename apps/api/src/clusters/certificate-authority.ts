import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { SslMode } from '@berth/domain';
import { time, timeField } from '../http/dto.js';

/** Real, so that the example of the document is taken as it is; nobody has its key. */
const example = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBQDCB86ADAgECAhRccRahmYs/taLjKnApZCepoxoYtTAFBgMrZXAwFTETMBEG',
  'A1UEAwwKRXhhbXBsZSBDQTAgFw0yNjExMjcwNTU1MTFaGA8yMTI2MTEwMzA1NTUx',
  'MVowFTETMBEGA1UEAwwKRXhhbXBsZSBDQTAqMAUGAytlcAMhAPvZFuI0TOGkCN/P',
  '5Z9a8JA6Ku9+BDXduvkyCIzZ/oeYo1MwUTAdBgNVHQ4EFgQU8yCRbJI4oQnFZ9Zk',
  'oYG54X34e3wwHwYDVR0jBBgwFoAU8yCRbJI4oQnFZ9ZkoYG54X34e3wwDwYDVR0T',
  'AQH/BAUwAwEB/zAFBgMrZXADQQAf2jIf1Zk2rgmrNY8D1E3XBRoDVgMyGzfNOhqN',
  'VlUPF0Of4NmsKVyuljipTIljaB+mc9MRuT0OC7TrxMfvu6MD',
  '-----END CERTIFICATE-----',
  '',
].join('\n');

/** A certificate that the API takes: one that can be read, so that no connection finds out later. */
export const authorityField = z
  .string()
  .max(100_000)
  .refine((pem) => parsed(pem) !== null, 'is not a certificate in PEM')
  .meta({
    description:
      'PEM of the authority that signs the server’s certificates. Kept with the cluster; without it the public ones are trusted.',
    example,
  });

export const authorityDto = z.object({
  subject: z.string(),
  fingerprint: z.string().meta({ description: 'SHA-256, as `openssl x509 -fingerprint -sha256` prints it.' }),
  validTo: timeField,
});

/** An authority beside a mode that compares nothing with it would only look safe. */
export function caIsChecked({ sslMode, ca }: { readonly sslMode: SslMode; readonly ca?: string | undefined }): boolean {
  return ca === undefined || sslMode === 'verify-ca' || sslMode === 'verify-full';
}

export function authorityBody(ca: string | null): z.output<typeof authorityDto> | null {
  const certificate = ca === null ? null : parsed(ca);
  if (certificate === null) return null;
  const { subject, fingerprint256, validTo } = certificate;
  return { subject: subject.replaceAll('\n', ', '), fingerprint: fingerprint256, validTo: time(new Date(validTo)) };
}

function parsed(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}
