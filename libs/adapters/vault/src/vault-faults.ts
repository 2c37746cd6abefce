import { BerthError, type RetryClass } from '@berth/domain';
import { at } from './json-body.js';
import type { VaultAddress, VaultAnswer, VaultRequest } from './vault-messages.js';

/** Vault cannot serve: `backoff` where waiting helps, `operator` where a person has to change something. */
export function unavailable(
  sentence: string,
  retry: Extract<RetryClass, 'backoff' | 'operator'>,
  more: { readonly hint?: string; readonly details?: Readonly<Record<string, unknown>> } = {},
): BerthError {
  return new BerthError('secrets-unavailable', sentence, { retry, ...more });
}

const silences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  ERR_CANCELED: 'it does not answer in time',
  ETIMEDOUT: 'it does not answer in time',
  ENOTFOUND: 'its name is unknown',
  EAI_AGAIN: 'its name cannot be looked up',
  EHOSTUNREACH: 'there is no way to it',
};

/** By Node's codes for certificates that do not hold: nobody becomes trustworthy by waiting. */
const distrust = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO/;

export function unreachable({ url, timeoutMs }: VaultAddress, code: string): BerthError {
  const { origin } = new URL(url);
  if (distrust.test(code)) {
    return unavailable(`Vault at ${origin} is not trusted: ${code}.`, 'operator', {
      hint: 'Name the file with the certificate of its authority in BERTH_VAULT_CA_FILE, or correct BERTH_VAULT_URL.',
      details: { url: origin, code },
    });
  }
  const details = { url: origin, code, timeoutMs };
  return unavailable(`Vault at ${origin} cannot be reached: ${silences[code] ?? code}.`, 'backoff', { details });
}

/** Vault answered, and the answer is no. Its own sentence is kept; it never holds what was sent. */
export function refused({ status, body }: VaultAnswer, { method, path }: VaultRequest): BerthError {
  const said = sentenceOf(body);
  const details = { status, method, path, ...(said !== '' && { said }) };
  if (status === 503 || /sealed/i.test(said)) {
    return unavailable(`Vault cannot serve: ${said === '' ? 'it is sealed, or has no leader' : said}.`, 'backoff', {
      hint: 'Unseal it (vault operator unseal). What waits goes on by itself.',
      details,
    });
  }
  if (status === 403) {
    return unavailable(`Vault refuses ${method} ${path}: ${said}.`, 'operator', {
      hint: 'Compare the policy of Berth’s role with infra/vault/berth.hcl, and BERTH_VAULT_MOUNT with its paths.',
      details,
    });
  }
  const sentence = `Vault answered ${method} ${path} with ${String(status)}${said === '' ? '' : `: ${said}`}.`;
  return unavailable(sentence, passes(status, said) ? 'backoff' : 'operator', { details });
}

const tooManyRequests = 429;
/** Of a standby: its state is not there yet (412), it does not take requests (472, 473). */
const standby: ReadonlySet<number> = new Set([412, 472, 473]);

function passes(status: number, said: string): boolean {
  // A KV mount is not available for some moments after it was made, and says so by 400.
  return status >= 500 || status === tooManyRequests || standby.has(status) || /^Upgrading from/.test(said);
}

const longestSentence = 200;

/** The first error in Vault's words, on one line, without the heading of its lists. */
function sentenceOf(body: unknown): string {
  const errors = at(body, 'errors');
  const texts = Array.isArray(errors) ? errors.filter((error) => typeof error === 'string') : [];
  const text = (texts[0] ?? '')
    .replace(/\s+/g, ' ')
    .replace(/^\d+ errors? occurred: \* /, '')
    .trim()
    .replace(/\.$/, '');
  return text.length > longestSentence ? `${text.slice(0, longestSentence)}…` : text;
}

const mismatch = /check-and-set parameter (did not match|required)/;

export function isConflict({ status, body }: VaultAnswer): boolean {
  return status === 400 && mismatch.test(sentenceOf(body));
}

/** A secret that is not there, or was removed. A path that no mount serves is told by 404 too, but with a sentence. */
export function isAbsent({ status, body }: VaultAnswer): boolean {
  return status === 404 && sentenceOf(body) === '';
}
