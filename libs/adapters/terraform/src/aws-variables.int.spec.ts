import { mkdtemp, cp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { terraformFolder, whenAvailable } from '@berth/testing';
import { findTerraform } from './find-terraform.js';

// The provider is not needed for what a module refuses: its variables alone, without its resources, are a whole module too.
const terraformRoot = fileURLToPath(new URL('../../../../terraform', import.meta.url));
const found = await findTerraform({ path: process.env['PATH'] });
const part = { name: 'Terraform', missing: found === null ? 'neither terraform nor tofu is on PATH' : undefined };
const kms = 'arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d';

const legal: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'tenant-storage': {
    cluster_id: 'dedicated-acme-g1',
    environment: 'production',
    parameter_group_names: { '16': 'a', '17': 'b' },
    kms_key_arn: kms,
    log_kms_key_arn: kms,
    subnet_group_name: 's',
    security_group_ids: ['sg-1'],
    monitoring_role_arn: 'arn:aws:iam::123456789012:role/m',
  },
  foundation: {
    environment: 'staging',
    copy_region: 'eu-west-1',
    vpc_id: 'vpc-1',
    subnet_ids: ['subnet-1', 'subnet-2'],
  },
};

const wrong: Readonly<Record<string, readonly (readonly [string, unknown])[]>> = {
  'tenant-storage': [
    ['environment', 'test'],
    ['labels', { 'a*b': 'c' }],
    ['labels', Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`l${String(index)}`, 'x']))],
    ['postgres_major', 14],
    ['parameter_group_names', { '16': 'a' }], // none for 17
    ['instance_class', 't4g.medium'],
    ['allocated_storage_gib', 19],
    ['allocated_storage_gib', 20.5],
    ['max_allocated_storage_gib', 21],
    ['iops', 3000],
    ['storage_throughput_mibps', 500],
    ['kms_key_arn', 'alias/berth'],
    ['security_group_ids', []],
    ['admin_username', 'postgres'],
    ['admin_username', 'a"b'],
    ['admin_password', 'short'],
    ['admin_password', 'with a space in it'],
    ['admin_password', `with'a-quote-in-it`],
    ['backup_window', '25:00-26:00'],
    ['maintenance_window', 'sunday'],
    ['alarms', { cpu_percent: 101 }],
    ['alarms', { slot_lag_bytes: 0 }],
  ],
  foundation: [
    ['name_prefix', 'be-rth'],
    ['environment', 'prod'],
    ['copy_region', 'europe'],
    ['vpc_id', 'x'],
    ['subnet_ids', ['subnet-1', 'subnet-1']],
    ['client_security_group_ids', ['0.0.0.0/0']],
    ['postgres_majors', [14]],
    ['tenant_kms_key_arns', { acme: 'alias/acme' }],
    ['trusted_principal_arns', ['*']],
    ['trusted_principal_arns', ['arn:aws:iam::123456789012:root']],
  ],
};

whenAvailable(part, 'the modules for AWS', () => {
  it('are formatted, with their examples', async () => {
    const copy = await mkdtemp(path.join(tmpdir(), 'berth-fmt-'));
    await cp(terraformRoot, copy, { recursive: true });
    const terraform = await terraformFolder(found!.program, { copy });
    expect(await terraform.run(['fmt', '-check', '-diff', '-recursive', 'copy'])).toEqual({ code: 0, said: '' });
    await terraform.remove();
    await rm(copy, { recursive: true });
  });

  describe.each(Object.entries(legal))('%s', (module, good) => {
    let terraform: Awaited<ReturnType<typeof terraformFolder>>;
    const plan = async (over: Readonly<Record<string, unknown>> = {}): ReturnType<typeof terraform.run> => {
      const given = Object.entries({ ...good, ...over });
      const env = given.map(([name, value]) => [
        `TF_VAR_${name}`,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]);
      return terraform.run(['plan', '-input=false', '-no-color'], Object.fromEntries(env) as Record<string, string>);
    };
    beforeAll(async () => {
      const source = path.join(terraformRoot, 'modules', module, 'variables.tf');
      terraform = await terraformFolder(found!.program, { 'variables.tf': source });
    });
    afterAll(async () => terraform.remove());

    it('takes what is right', async () => {
      expect(await plan()).toEqual({ code: 0, said: expect.stringContaining('No changes.') });
    });

    it.each(wrong[module] ?? [])('refuses the %s %j', async (name, value) => {
      const { code, said } = await plan({ [name]: value });
      expect([code, said]).toEqual([1, expect.stringContaining('Invalid value for variable')]);
      // A sensitive one is named by its declaration alone.
      expect(said).toContain(`variable "${name}"`);
    });
  });

  it('keep the password out of state and plan', async () => {
    const source = path.join(terraformRoot, 'modules', 'tenant-storage', 'variables.tf');
    const { admin_password: _, ...good } = { ...legal['tenant-storage'], admin_password: '' };
    const root = {
      variable: { admin_password: { type: 'string', ephemeral: true, sensitive: true } },
      module: { one: { source: './one', ...good, admin_password: '${var.admin_password}' } },
      output: { done: { value: 'yes' } },
    };
    const terraform = await terraformFolder(found!.program, { 'one/variables.tf': source }, root);
    const password = 'correct-horse-battery-staple';
    const env = { TF_VAR_admin_password: password };
    const planned = await terraform.run(['plan', '-input=false', '-no-color', '-out', 'plan'], env);
    const shown = await terraform.run(['show', '-json', 'plan']);
    const applied = await terraform.run(['apply', '-input=false', '-no-color', '-auto-approve'], env);
    const state = await terraform.run(['state', 'pull']);
    await terraform.remove();
    expect([planned.code, shown.code, applied.code, state.code]).toEqual([0, 0, 0, 0]);
    expect(state.said).toContain('"done"');
    expect([planned, shown, applied, state].map(({ said }) => said).join('')).not.toContain(password);
  });
});
