/** What is wrong with the encryption of a connection, as a sentence and what to do about it. */
export interface TlsFault {
  readonly message: string;
  readonly hint: string;
}

/** OpenSSL's words, as Node gives them, for a certificate that no trusted authority signed. */
const untrusted: ReadonlySet<string> = new Set([
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'INVALID_CA',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const giveTheAuthority = 'Give the authority that signed it as the CA of the cluster, and check the address.';

/** Undefined: the error is about something else. `server`: how the sentence names it. */
export function tlsFault(thrown: unknown, server: string): TlsFault | undefined {
  // By its shape: errors of Node's own TLS are of another realm where code runs in one of its own, as tests do.
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const {
    code = '',
    message = '',
    reason = '',
  } = thrown as { readonly [key in 'code' | 'message' | 'reason']?: string };
  if (untrusted.has(code))
    return { message: `The certificate of ${server} is not signed by a trusted authority.`, hint: giveTheAuthority };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      message: `The certificate of ${server} is made out to another name. ${reason}`,
      hint: 'Use the name that stands in the certificate as the host, or have the server certified for this one.',
    };
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    const when = code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet';
    return {
      message: `The certificate of ${server} ${when}.`,
      hint: 'Renew it on the server, and compare the clocks.',
    };
  }
  if (/server does not support ssl/i.test(message)) {
    return {
      message: `${server[0]?.toUpperCase() ?? ''}${server.slice(1)} speaks no TLS, and the ssl mode demands it.`,
      hint: 'Give the server a certificate and set ssl = on there, or register it with the ssl mode disable.',
    };
  }
  if (code === '28000' && /no encryption|SSL off/.test(message)) {
    return {
      message: `${server[0]?.toUpperCase() ?? ''}${server.slice(1)} lets nobody in without TLS, and the ssl mode is disable.`,
      hint: 'Choose another ssl mode: verify-full with the authority of the server, or require.',
    };
  }
  return undefined;
}

/** The same of what libpq's programs write. */
export const tlsFaultOfPrograms =
  /certificate verify failed|SSL error|server certificate for .* does not match|does not support SSL|no encryption/;
