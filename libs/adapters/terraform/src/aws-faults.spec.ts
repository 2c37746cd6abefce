import { awsFault } from './aws-faults.js';
import { faultOf } from './terraform-faults.js';
import { parseEvent } from './terraform-events.js';

const stateServer = { url: 'postgresql://berth:state-password@127.0.0.1:1/catalog' };
const head = 'creating RDS DB Instance (berth-t-acme-g2): operation error RDS: CreateDBInstance';
const request = '4f5de0f0-2f6c-4d7c-9d0a-9a4b6f0c3a55';

/** A line as `terraform apply -json` prints it, with the provider's own framing of what AWS said. */
function line(said: string, frame = `${head}, https response error StatusCode: 400, RequestID: ${request}, `): string {
  return JSON.stringify({
    '@level': 'error',
    '@message': `Error: ${frame}${said}`,
    '@module': 'terraform.ui',
    '@timestamp': '2026-11-26T20:03:12.221843Z',
    diagnostic: {
      severity: 'error',
      summary: `${frame}${said}`,
      detail: '',
      address: 'module.instance.aws_db_instance.instance',
      range: {
        filename: 'main.tf',
        start: { line: 51, column: 39, byte: 1900 },
        end: { line: 51, column: 40, byte: 1901 },
      },
    },
    type: 'diagnostic',
  });
}

async function translated(eventLine: string): ReturnType<typeof faultOf> {
  const event = parseEvent(eventLine);
  if (event?.kind !== 'fault') throw new Error('no fault');
  const result = { code: 1, stdout: '', stderr: '', faults: [event.diagnostic], changes: [], outputs: {} };
  return faultOf({ clusterId: 'dedicated-acme-g2', verb: 'apply', result, stateServer, secrets: ['s3cret-password'] });
}

describe('what AWS refuses during an apply', () => {
  it.each([
    ['infrastructure-quota', 'operator', 'InstanceQuotaExceeded: DB Instance quota exceeded'],
    [
      'infrastructure-quota',
      'operator',
      'StorageQuotaExceeded: The operation cannot be completed. The storage quota for this account has been exceeded by 7068; requested iops: 16000; computed size: 500. You can use the Service Quotas console to request an increase in total storage for this account',
    ],
    [
      'infrastructure-capacity',
      'backoff',
      'InsufficientDBInstanceCapacity: Cannot create a db.m7g.large database instance because there are no availability zones with sufficient capacity for VPC and storage type : gp3 for db.m7g.large. Please try the request again at a later time.',
    ],
    [
      'infrastructure-denied',
      'operator',
      'KMSKeyNotAccessibleFault: The specified KMS key [arn:aws:kms:eu-central-1:123456789012:key/0a1b] does not exist, is not enabled or you do not have permissions to access it.',
    ],
    [
      'infrastructure-denied',
      'operator',
      'api error AccessDenied: User: arn:aws:sts::123456789012:assumed-role/berth/worker is not authorized to perform: rds:CreateDBInstance on resource: arn:aws:rds:eu-central-1:123456789012:db:berth-t-acme-g2 because no identity-based policy allows the rds:CreateDBInstance action',
    ],
    [
      'infrastructure-denied',
      'operator',
      'api error ExpiredToken: The security token included in the request is expired',
    ],
    ['infrastructure-failed', 'operator', 'DBInstanceAlreadyExists: DB instance already exists'],
    ['infrastructure-failed', 'backoff', 'InvalidDBInstanceState: Database instance is not in available state.'],
    [
      'infrastructure-failed',
      'never',
      'api error InvalidParameterCombination: RDS does not support creating a DB instance with the following combination: DBInstanceClass=db.t4g.nano, Engine=postgres, EngineVersion=17.6, LicenseModel=postgresql-license. For supported combinations of instance class and database engine version, see the documentation.',
    ],
    ['infrastructure-failed', 'backoff', 'api error SomethingNew: It is new.'],
  ])('is %s (%s): %s', async (code, retry, said) => {
    const error = await translated(line(said));
    expect(error).toMatchObject({ code, retry, details: { requestId: request, clusterId: 'dedicated-acme-g2' } });
    expect(error.message).toBe(`AWS (RDS CreateDBInstance) on dedicated-acme-g2: ${said.replace('api error ', '')}`);
    if (!said.includes('SomethingNew')) expect(error.hint).toMatch(/\.|>$/);
  });

  it('is tried again where AWS asks for fewer calls', async () => {
    const frame = `reading RDS DB Instance (berth-t-acme-g2): operation error RDS: DescribeDBInstances, exceeded maximum number of attempts, 25, https response error StatusCode: 400, RequestID: ${request}, `;
    expect(await translated(line('api error Throttling: Rate exceeded', frame))).toMatchObject({
      code: 'infrastructure-failed',
      retry: 'backoff',
      message: 'AWS (RDS DescribeDBInstances) on dedicated-acme-g2: Throttling: Rate exceeded',
      hint: expect.stringContaining('tried again'),
    });
  });

  it('names missing credentials, which never reached AWS', async () => {
    const said = 'No valid credential sources found';
    expect(await translated(line(said, ''))).toMatchObject({
      code: 'infrastructure-denied',
      message: `Terraform's provider for AWS on dedicated-acme-g2: ${said}`,
    });
  });

  it('shows no secret that AWS might quote', async () => {
    const error = await translated(line('api error InvalidParameterValue: The password s3cret-password is bad.'));
    expect(error.message).toContain('[redacted]');
  });

  it('leaves alone what is not of AWS', () => {
    expect(awsFault('local-exec provisioner error\nAccessDenied by nobody', 'c1')).toBeNull();
  });
});
