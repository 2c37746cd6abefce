import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseTerraform } from '@berth/testing';
import { awsSettingsSchema, readAwsSettings } from './aws-settings.js';

const modules = fileURLToPath(new URL('../../../../terraform/modules', import.meta.url));
const key = 'arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d';
const complete = {
  region: 'eu-central-1',
  environment: 'production',
  name_prefix: 'berth',
  kms_key_arn: key,
  tenant_kms_key_arns: { acme: key },
  log_kms_key_arn: key,
  parameter_group_names: { '17': 'berth-production-postgres17' },
  subnet_group_name: 'berth-production',
  security_group_ids: ['sg-1'],
  monitoring_role_arn: 'arn:aws:iam::123456789012:role/berth-production-eu-central-1-monitoring',
  alarm_topic_arns: [],
};

describe('the settings for AWS', () => {
  it('are what the foundation tells, no less and no more', async () => {
    const { output } = await parseTerraform(path.join(modules, 'foundation'));
    const told = output['berth']![0]!['value'] as Readonly<Record<string, unknown>> | string;
    // Which of the two depends on how much of the value the parser can tell without running it.
    const text = typeof told === 'string' ? told : JSON.stringify(told);
    const names =
      typeof told === 'string' ? [...text.matchAll(/^\s*(\w+)\s+=/gm)].map(([, name]) => name) : Object.keys(told);
    expect([...names].sort()).toEqual(Object.keys(complete).sort());
    expect(Object.keys(awsSettingsSchema.shape).sort()).toEqual([...Object.keys(complete), 'instance'].sort());
  });

  it('hold nothing that the module of an instance does not take', async () => {
    const { variable } = await parseTerraform(path.join(modules, 'tenant-storage'));
    const notForTheModule = new Set(['region', 'tenant_kms_key_arns']);
    const inputs = Object.keys(complete).filter((name) => !notForTheModule.has(name));
    const own = Object.keys(awsSettingsSchema.shape.instance.unwrap().shape);
    for (const name of [...inputs, ...own]) expect(Object.keys(variable)).toContain(name);
  });

  describe('in a file', () => {
    let folder: string;
    const read = async (content: string) => {
      const file = path.join(folder, 'aws.json');
      await writeFile(file, content);
      return readAwsSettings(file);
    };
    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'berth-settings-'));
    });
    afterAll(async () => rm(folder, { recursive: true }));

    it('are read, with what an operator added', async () => {
      expect(await read(JSON.stringify({ ...complete, instance: { multi_az: false } }))).toMatchObject({
        region: 'eu-central-1',
        instance: { multi_az: false },
      });
    });

    it('are refused with every fault by name', async () => {
      const wrong = { ...complete, region: 'europe', kms_key_arn: 'alias/x', instance: { multi_zone: true } };
      await expect(read(JSON.stringify(wrong))).rejects.toMatchObject({
        code: 'config-invalid',
        message: expect.stringMatching(/region: [\s\S]*kms_key_arn: [\s\S]*instance: .*multi_zone/),
        hint: expect.stringContaining('terraform output -json berth'),
      });
    });

    it.each(['', '{'])('are refused when the file holds %j', async (content) => {
      await expect(read(content)).rejects.toMatchObject({ code: 'config-invalid' });
    });

    it('are refused when there is no file', async () => {
      await expect(readAwsSettings(path.join(folder, 'none.json'))).rejects.toMatchObject({ code: 'config-invalid' });
    });
  });
});
