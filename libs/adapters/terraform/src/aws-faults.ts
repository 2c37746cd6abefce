import { BerthError, type ErrorCode, type RetryClass } from '@berth/domain';

interface AwsFault {
  /** AWS's name of the error, as the provider prints it before AWS's own sentence; or the provider's words where there is none. */
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly retry?: RetryClass;
  readonly hint: string;
}

const console = 'console of Service Quotas (Amazon RDS)';

/** The first that fits. What fits none is told as it is, and tried again. */
const faults: readonly AwsFault[] = [
  {
    pattern: /InstanceQuotaExceeded|StorageQuotaExceeded|QuotaExceeded|LimitExceeded(?!Exception: Rate)/,
    code: 'infrastructure-quota',
    hint: `Ask AWS for more in the ${console}, or delete what is not needed; then retry the operation.`,
  },
  {
    pattern: /InsufficientDBInstanceCapacity|InsufficientStorageClusterCapacity/,
    code: 'infrastructure-capacity',
    hint: 'AWS has none of that class left in these zones. It is tried again; another instance_class may be had at once.',
  },
  {
    pattern: /KMSKeyNotAccessible|KMS(?: key)?\b.*(?:not accessible|does not exist, is not enabled)|KMS\.\w+Exception/,
    code: 'infrastructure-denied',
    hint: 'See that the key is in the same region and enabled, and that its policy lets Berth’s role create grants for RDS.',
  },
  {
    pattern: /AccessDenied|UnauthorizedOperation|is not authorized to perform/,
    code: 'infrastructure-denied',
    hint: 'See that Berth runs with the role of the foundation (output berth_role_arn), and apply the foundation anew.',
  },
  {
    pattern:
      /ExpiredToken|InvalidClientTokenId|SignatureDoesNotMatch|No valid credential sources found|failed to refresh cached credentials/,
    code: 'infrastructure-denied',
    hint: 'Give Berth valid credentials by its environment (AWS_…); then retry the operation.',
  },
  {
    pattern: /\bThrottling(?:Exception)?\b|Rate exceeded|RequestLimitExceeded/,
    code: 'infrastructure-failed',
    hint: 'It is tried again, later each time. If it goes on, see which other programs of the account call AWS so often.',
  },
  {
    pattern: /DBInstanceAlreadyExists|ResourceAlreadyExistsException/,
    code: 'infrastructure-failed',
    retry: 'operator',
    hint:
      'An apply was killed before it wrote what it had made. Cancelling the operation deletes such an instance; a log group ' +
      'has to be deleted by hand: aws logs delete-log-group --log-group-name <name>',
  },
  {
    pattern: /InvalidDBInstanceState|InvalidDBInstanceStateFault/,
    code: 'infrastructure-failed',
    hint: 'RDS is at work on the instance already; it is tried again.',
  },
  {
    pattern:
      /InvalidParameterCombination|InvalidParameterValue|InvalidSubnet|InvalidVPCNetworkState|DBSubnetGroup\w*Fault/,
    code: 'infrastructure-failed',
    retry: 'never',
    hint: 'AWS does not take these settings. Put right what it names in the settings file or the foundation, and begin anew.',
  },
];

/** The request's id and the SDK's frame say nothing to the reader; the id is kept for a ticket to AWS. */
const frame =
  /operation error (?<service>[\w ]+): (?<operation>\w+), (?:exceeded maximum number of attempts, \d+, )?https response error StatusCode: (?<status>\d+), RequestID: (?<requestId>[\w-]*), (?:api error )?(?<said>(?<name>[\w.]+): [^\n]+)/;

/** What AWS said, when it was AWS that refused, with its own sentence whole. Null: it was something else. */
export function awsFault(text: string, clusterId: string): BerthError | null {
  const { service, operation, requestId, said, name } = frame.exec(text)?.groups ?? {};
  const known = faults.find(({ pattern }) => pattern.test(said ?? text));
  const isAws = said !== undefined || /hashicorp\/aws|registry\.terraform\.io|No valid credential sources/.test(text);
  if (!isAws) return null;
  const sentence = said ?? text.trim();
  const subject =
    operation === undefined
      ? `Terraform's provider for AWS on ${clusterId}`
      : `AWS (${service ?? ''} ${operation}) on ${clusterId}`;
  return new BerthError(known?.code ?? 'infrastructure-failed', `${subject}: ${sentence}`, {
    ...(known?.retry !== undefined && { retry: known.retry }),
    ...(known !== undefined && { hint: known.hint }),
    details: { clusterId, ...(name !== undefined && { aws: name }), ...(requestId && { requestId }) },
  });
}
