import { X509Certificate } from 'node:crypto';
import type { ClusterAccess } from '@berth/domain';
import type { ClusterFacts, ServerCertificate } from './cluster-facts.js';
import { info, type Remark, warning } from './cluster-room.js';

const dayMs = 86_400_000;
/** Time enough to have a certificate renewed. */
const warnedDays = 30;

/** How the connection is secured, and how long that will hold. */
export function tlsRemarks(
  { encryption }: ClusterFacts,
  certificate: ServerCertificate | null,
  { host, sslMode, ca }: ClusterAccess,
): readonly Remark[] {
  if (encryption === null || certificate === null) return [unencrypted(host)];
  const { names, issuer, validTo } = certificate;
  const until = validTo.toISOString().slice(0, 10);
  return [
    info(
      'tls',
      `The session is encrypted by ${encryption.version} (${encryption.cipher}); the certificate is made out to ${names.join(', ')} by ${issuer}, until ${until}.`,
      null,
    ),
    ...(sslMode === 'require'
      ? [
          warning(
            'tls-unverified',
            'The ssl mode require checks no certificate: whoever stands between could be taken for the server.',
            'Give its authority as the CA, and the ssl mode verify-full.',
          ),
        ]
      : []),
    ...expiry('The certificate of the server', validTo, 'Renew it on the server.'),
    ...(ca === undefined
      ? []
      : expiry('The authority that was given', new Date(new X509Certificate(ca).validTo), 'Give the new one as well.')),
  ];
}

/** On this machine nobody stands in between. */
function unencrypted(host: string): Remark {
  const message = 'The session is not encrypted.';
  if (['127.0.0.1', '::1', 'localhost'].includes(host)) return info('tls-off', message, null);
  return warning('tls-off', message, 'Give the server a certificate, and register it with the ssl mode verify-full.');
}

function expiry(what: string, validTo: Date, remedy: string): readonly Remark[] {
  const days = Math.floor((Number(validTo) - Date.now()) / dayMs);
  if (days >= warnedDays) return [];
  return [warning('tls-expiry', `${what} ${days < 0 ? 'has expired' : `expires in ${String(days)} days`}.`, remedy)];
}
