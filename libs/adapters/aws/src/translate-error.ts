import { asBerthError, BerthError } from '@berth/domain';

/** AWS's own name for an error, or Node's for what lies below. */
function nameOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return '';
  const { name, code } = thrown as { readonly name?: unknown; readonly code?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : '';
}

const denied =
  /^(AccessDenied|UnauthorizedOperation|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|ExpiredToken|CredentialsProviderError|OptInRequired|KMSKeyNotAccessible)/;
const passing =
  /^(Throttling|ThrottlingException|RequestLimitExceeded|ServiceUnavailable|InternalFailure|TimeoutError|ECONN|ENOTFOUND|EAI_AGAIN)/;

/** An error of the SDK in our words, with AWS's own sentence kept. `doing` completes "AWS refused to …". */
export function translateError(thrown: unknown, doing: string): BerthError {
  if (thrown instanceof BerthError) return thrown;
  const name = nameOf(thrown);
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  const options = { cause: thrown, details: { aws: name } };
  if (denied.test(name)) {
    return new BerthError('infrastructure-denied', `AWS does not let Berth ${doing}: ${name}: ${said}`, {
      ...options,
      hint: 'See that Berth runs with the role of the foundation (output berth_role_arn), and that its credentials are valid.',
    });
  }
  if (passing.test(name)) {
    return new BerthError('infrastructure-failed', `AWS could not be asked to ${doing}: ${name}: ${said}`, {
      ...options,
      hint: 'It is tried again. If it goes on, see whether other programs of the account call AWS very often.',
    });
  }
  if (name === '') return asBerthError(thrown);
  return new BerthError('infrastructure-failed', `AWS refused to ${doing}: ${name}: ${said}`, options);
}

export function isNotFound(thrown: unknown): boolean {
  return /^DBInstanceNotFound(Fault)?$/.test(nameOf(thrown));
}
