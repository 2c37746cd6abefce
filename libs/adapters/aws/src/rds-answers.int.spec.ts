import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RdsInstances } from './rds-instances.js';

// What moto cannot: throttling, quotas, changes that wait. The answers are AWS's own wire format; what reads them is the real SDK.
const namespace = 'http://rds.amazonaws.com/doc/2014-10-31/';
const settings = { region: 'eu-central-1', name_prefix: 'berth' };

interface Answer {
  readonly status: number;
  readonly body: string;
}

const failure = (code: string, message: string): Answer => ({
  status: 400,
  body: `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
});
const success = (action: string, inner: string): Answer => ({
  status: 200,
  body: `<${action}Response xmlns="${namespace}"><${action}Result>${inner}</${action}Result><ResponseMetadata><RequestId>r-2</RequestId></ResponseMetadata></${action}Response>`,
});
const instance = (more = '', status = 'available'): Answer =>
  success(
    'DescribeDBInstances',
    `<DBInstances><DBInstance><DBInstanceIdentifier>berth-t-acme-g2</DBInstanceIdentifier><DBInstanceStatus>${status}</DBInstanceStatus>
     <Endpoint><Address>db.example</Address><Port>5432</Port></Endpoint><EngineVersion>16.11</EngineVersion><AllocatedStorage>20</AllocatedStorage>
     <TagList><Tag><Key>berth:cluster</Key><Value>dedicated-acme-g2</Value></Tag></TagList>${more}</DBInstance></DBInstances>`,
  );

describe('RdsInstances, by what AWS answers', () => {
  let server: Server;
  let asked: string[];
  /** By the action; the last of several stays. */
  let answers: Record<string, Answer[]>;
  const over = (maxAttempts: number): RdsInstances => {
    const { port } = server.address() as AddressInfo;
    return new RdsInstances({ settings, ca: 'pem', endpoint: `http://127.0.0.1:${String(port)}`, maxAttempts });
  };

  beforeAll(async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'any';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'any';
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const action = new URLSearchParams(body).get('Action') ?? 'GetMetricStatistics';
        asked.push(action);
        const queue = answers[action] ?? [{ status: 404, body: '' }];
        const answer = queue.length > 1 ? queue.shift() : queue[0];
        response.writeHead(answer?.status ?? 500, { 'content-type': 'text/xml' }).end(answer?.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => {
    asked = [];
    answers = {};
  });
  afterAll(async () => new Promise((resolve) => server.close(resolve)));

  it.each(['Throttling', 'ThrottlingException', 'RequestLimitExceeded'])(
    'waits by the SDK’s own rules while AWS answers %s, and goes on',
    async (code) => {
      const throttled = failure(code, 'Rate exceeded');
      answers['DescribeDBInstances'] = [throttled, throttled, instance()];
      expect(await over(5).inspect('dedicated-acme-g2')).toMatchObject({ state: 'running' });
      expect(asked).toHaveLength(3);
    },
  );

  it('gives up after its attempts, to be tried again later, with AWS’s own sentence', async () => {
    answers['DescribeDBInstances'] = [failure('ThrottlingException', 'Rate exceeded')];
    await expect(over(2).inspect('dedicated-acme-g2')).rejects.toMatchObject({
      code: 'infrastructure-failed',
      retry: 'backoff',
      message: 'AWS could not be asked to describe berth-t-acme-g2: ThrottlingException: Rate exceeded',
      hint: expect.stringContaining('tried again'),
    });
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['AccessDenied', 'User: arn:aws:iam::123456789012:user/x is not authorized to perform: rds:DescribeDBInstances'],
    ['InvalidClientTokenId', 'The security token included in the request is invalid.'],
  ])('asks for an operator where AWS answers %s', async (code, said) => {
    answers['DescribeDBInstances'] = [failure(code, said)];
    await expect(over(1).inspect('dedicated-acme-g2')).rejects.toMatchObject({
      code: 'infrastructure-denied',
      retry: 'operator',
      message: `AWS does not let Berth describe berth-t-acme-g2: ${code}: ${said}`,
    });
  });

  it('says so when AWS cannot be reached', async () => {
    const nowhere = new RdsInstances({ settings, ca: 'pem', endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
    await expect(nowhere.inspect('dedicated-acme-g2')).rejects.toMatchObject({
      code: 'infrastructure-failed',
      retry: 'backoff',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('warns of quotas before they are hit, and refuses when an instance more would hit them', async () => {
    const quota = (name: string, used: number, max: number): string =>
      `<AccountQuota><AccountQuotaName>${name}</AccountQuotaName><Used>${String(used)}</Used><Max>${String(max)}</Max></AccountQuota>`;
    const all = (used: number): Answer =>
      success(
        'DescribeAccountAttributes',
        `<AccountQuotas>${quota('DBInstances', used, 40)}${quota('DBSubnetGroups', 50, 50)}${quota('ReservedDBInstances', 40, 40)}${quota('ManualSnapshots', 0, 100)}</AccountQuotas>`,
      );
    answers['DescribeAccountAttributes'] = [all(31), all(32), all(40)];
    const subnets = { severity: 'warning', message: '50 of 50 DB subnet groups are used.' };
    expect(await over(1).quotas()).toEqual([expect.objectContaining(subnets)]);
    expect(await over(1).quotas()).toEqual([
      {
        code: 'infrastructure-quota',
        severity: 'warning',
        object: 'AWS account, eu-central-1',
        message: '32 of 40 DB instances are used: room for 8 more.',
        remedy: expect.stringContaining('Service Quotas'),
      },
      expect.objectContaining(subnets),
    ]);
    expect(await over(1).quotas()).toEqual([
      expect.objectContaining({ severity: 'error', message: '40 of 40 DB instances are used.' }),
      expect.objectContaining(subnets),
    ]);
  });

  it('tells the changes that wait, and never a password', async () => {
    answers['DescribeEvents'] = [success('DescribeEvents', '<Events/>')];
    answers['GetMetricStatistics'] = [{ status: 200, body: '{}' }];
    answers['DescribeDBInstances'] = [
      instance(
        `<PreferredMaintenanceWindow>sun:04:30-sun:05:30</PreferredMaintenanceWindow>
         <PendingModifiedValues><DBInstanceClass>db.m7g.large</DBInstanceClass><MasterUserPassword>hunter2</MasterUserPassword></PendingModifiedValues>
         <DBParameterGroups><DBParameterGroup><DBParameterGroupName>berth-production-postgres16</DBParameterGroupName><ParameterApplyStatus>pending-reboot</ParameterApplyStatus></DBParameterGroup></DBParameterGroups>`,
      ),
    ];
    const report = await over(1).report('dedicated-acme-g2');
    expect([...(report?.pending ?? [])].sort()).toEqual([
      'DBInstanceClass changes to db.m7g.large in the maintenance window sun:04:30-sun:05:30.',
      'MasterUserPassword changes in the maintenance window sun:04:30-sun:05:30.',
      'Parameters of berth-production-postgres16 wait for a restart.',
    ]);
  });

  it.each([
    ['backing-up', { state: 'running' }],
    ['modifying', { state: 'running' }],
    ['creating', { state: 'creating', because: 'RDS is making it' }],
    ['rebooting', { state: 'stopped', because: 'RDS says that it is rebooting' }],
    ['a-new-word', { state: 'stopped', because: 'RDS says that it is a-new-word' }],
    ['storage-full', { state: 'broken', because: 'its disk is full' }],
    ['inaccessible-encryption-credentials', { state: 'broken', because: expect.stringContaining('KMS key') }],
    ['deleting', { state: 'broken', because: 'it is being deleted' }],
  ])('takes %s for what it is', async (status, expected) => {
    answers['DescribeDBInstances'] = [instance('', status)];
    expect(await over(1).inspect('dedicated-acme-g2')).toMatchObject(expected);
  });
});
