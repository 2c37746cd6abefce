import { AwsModule, type AwsModuleOptions } from './aws-module.js';

const arn = (id: string): string => `arn:aws:kms:eu-central-1:123456789012:key/${id}`;
const settings: AwsModuleOptions['settings'] = {
  region: 'eu-central-1',
  kms_key_arn: arn('common'),
  tenant_kms_key_arns: { acme: arn('acme') },
  parameter_group_names: { '16': 'berth-production-postgres16', '17': 'berth-production-postgres17' },
  inputs: { name_prefix: 'berth', environment: 'production' },
};
const module = (over: Partial<AwsModuleOptions> = {}): AwsModule =>
  new AwsModule({ settings, environment: {}, ...over });
const spec = { clusterId: 'dedicated-acme-g2', tenantId: 'acme', labels: {} };

describe('AwsModule', () => {
  it('gives the same inputs to every instance, and each its own', () => {
    expect(module().variables({ ...spec, postgresMajor: 16 }, 'berth_admin')).toMatchObject({
      name_prefix: 'berth',
      environment: 'production',
      cluster_id: 'dedicated-acme-g2',
      postgres_major: 16,
      kms_key_arn: arn('common'),
      admin_username: 'berth_admin',
    });
  });

  it('takes the newest version that the foundation knows, and refuses one that it does not know', () => {
    expect(module().variables(spec)).toMatchObject({ postgres_major: 17 });
    expect(() => module().variables({ ...spec, postgresMajor: 18 })).toThrow(
      expect.objectContaining({
        code: 'infrastructure-missing',
        hint: expect.stringContaining('postgres_majors'),
      }) as Error,
    );
  });

  it('encrypts by the key that the tenant brought, and refuses one that nobody knows', () => {
    const labelled = (key: string) => ({ ...spec, labels: { 'kms-key': key } });
    expect(module().variables(labelled('acme'))).toMatchObject({ kms_key_arn: arn('acme') });
    expect(() => module().variables(labelled('globex'))).toThrow(
      expect.objectContaining({ code: 'infrastructure-missing' }) as Error,
    );
  });

  it('hands the password over by the environment alone', () => {
    const admin = { username: 'berth_admin', password: 'correct-horse-battery' };
    expect(module().secretEnvironment(admin)).toEqual({ TF_VAR_admin_password: admin.password });
    expect(JSON.stringify([module().variables(spec, admin.username), module()])).not.toContain(admin.password);
    expect(module().ephemeral).toEqual(['admin_password']);
  });

  it('passes AWS’s names of credentials on, and nothing else', () => {
    const environment = {
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/berth',
      AWS_PROFILE: '',
      AWS_ENDPOINT_URL: 'http://evil',
      BERTH_CATALOG_URL: 'postgresql://berth:password@db/berth',
    };
    expect(module({ environment, searchPath: '/usr/bin' }).environment).toEqual({
      AWS_ROLE_ARN: environment.AWS_ROLE_ARN,
      PATH: '/usr/bin',
    });
  });

  it.each([
    ['terraform', '1.10.5', false],
    ['terraform', '1.11.0', true],
    ['tofu', '1.10.6', false],
    ['tofu', '1.11.1', true],
    ['terraform', '2.0.0', true],
  ] as const)('%s %s is new enough: %s', (kind, version, enough) => {
    const asked = expect(() => module().refuse({ program: `/bin/${kind}`, kind, version }));
    if (enough) asked.not.toThrow();
    else asked.toThrow(expect.objectContaining({ code: 'config-invalid' }) as Error);
  });
});
