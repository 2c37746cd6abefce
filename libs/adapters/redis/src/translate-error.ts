import { BerthError } from '@berth/domain';

/** What kept us from asking Redis anything, in our words. A password is in none of its errors. */
export function translateError(error: unknown, address: string): BerthError {
  const { code, message } = error as { readonly code?: unknown; readonly message?: string };
  const reason = message === undefined || message === '' ? String(code) : message;
  const isLogin = /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH)/.test(reason);
  if (isLogin) {
    return new BerthError('redis-unfit', `The Redis at ${address} refuses the login: ${reason}`, {
      hint: 'Put a user and a password that it knows into BERTH_REDIS_URL; what they may be is percent-encoded there.',
      cause: error,
    });
  }
  if (isDistrust(code)) {
    return new BerthError('redis-unfit', `The certificate of the Redis at ${address} is not trusted: ${reason}.`, {
      hint: 'Name the file of the certificate that vouches for it in BERTH_REDIS_CA_FILE, and the host as the certificate does.',
      cause: error,
    });
  }
  return new BerthError('queue-unavailable', `The Redis at ${address} cannot be reached: ${reason}`, {
    hint: 'Start it, or correct BERTH_REDIS_URL (rediss:// where it speaks TLS, redis:// where it does not).',
    cause: error,
  });
}

/** The codes of OpenSSL's verification, as Node passes them on. */
function isDistrust(code: unknown): boolean {
  return typeof code === 'string' && /^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO_|CERT_|ERR_TLS_CERT)/.test(code);
}
