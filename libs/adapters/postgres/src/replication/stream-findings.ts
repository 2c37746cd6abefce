import type { ClusterAccess, Finding } from '@berth/domain';

/** A server has no file of an authority that Berth keeps as text, so it checks no certificate by it. */
export function tlsFindings({
  clusterId,
  sslMode,
  ca,
}: Pick<ClusterAccess, 'clusterId' | 'sslMode' | 'ca'>): readonly Finding[] {
  if (!sslMode.startsWith('verify') || ca === undefined) return [];
  return [
    {
      code: 'stream-tls-unchecked',
      severity: 'warning',
      object: `cluster ${clusterId}`,
      message: `The other server follows it by TLS without checking its certificate: sslmode is require there, not ${sslMode}.`,
      remedy:
        'Keep the way between the two servers private, give it a certificate of a public authority, or move by dump.',
    },
  ];
}
