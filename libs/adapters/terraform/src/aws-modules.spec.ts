import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseTerraform, type TerraformBody, type TerraformFiles } from '@berth/testing';

const terraformRoot = fileURLToPath(new URL('../../../../terraform', import.meta.url));
const folderOf = (module: string): string => path.join(terraformRoot, 'modules', module);
const read = (...parts: readonly string[]): string => readFileSync(path.join(terraformRoot, ...parts), 'utf8');
const modules = ['names', 'tenant-storage', 'foundation'];
const instances = async (): Promise<{ readonly files: TerraformFiles; readonly instance: TerraformBody }> => {
  const files = await parseTerraform(folderOf('tenant-storage'));
  return { files, instance: files.resource['aws_db_instance']!['instance']![0]! };
};

describe('defects of earlier systems are absent', () => {
  it('10: no module writes a secret, so none can lead a reader anywhere', async () => {
    for (const module of modules) {
      const types = Object.keys((await parseTerraform(folderOf(module))).resource);
      expect(
        types.filter((type) => /secret|vault_(?!.*backup)|ssm_parameter/.test(type.replace('backup_vault', ''))),
      ).toEqual([]);
    }
  });

  it('11: the last snapshot and the protection from deletion each have a switch of their own', async () => {
    const { instance, files } = await instances();
    expect(instance['skip_final_snapshot']).toBe('${!var.final_snapshot}');
    expect(instance['deletion_protection']).toBe('${var.deletion_protection}');
    expect(files.variable['final_snapshot']![0]).toMatchObject({ default: true });
    expect(files.variable['deletion_protection']![0]).toMatchObject({ default: true });
    // Unique in each life, or the second instance of a name could not be deleted.
    expect(instance['final_snapshot_identifier']).toContain('${terraform_data.life.id}');
  });

  it('12: nothing of which AWS allows few a region is made a tenant', async () => {
    const { files, instance } = await instances();
    const types = Object.keys(files.resource);
    expect(types.sort()).toEqual([
      'aws_cloudwatch_log_group',
      'aws_cloudwatch_metric_alarm',
      'aws_db_instance',
      'terraform_data',
    ]);
    expect(instance['db_subnet_group_name']).toBe('${var.subnet_group_name}');
    const foundation = await parseTerraform(folderOf('foundation'));
    const [selection] = foundation.resource['aws_backup_selection']!['by_tag']!;
    expect(JSON.stringify(selection)).toContain('aws:ResourceTag/berth:backup');
    expect(read('modules', 'tenant-storage', 'main.tf')).toMatch(/"berth:backup"\s*=\s*var\.environment/);
  });

  it('13: the password is ephemeral and write-only, and no output knows it', async () => {
    const { files, instance } = await instances();
    expect(Object.keys(instance).filter((name) => /password/.test(name))).toEqual([
      'password_wo',
      'password_wo_version',
    ]);
    expect(instance['password_wo']).toBe('${var.admin_password}');
    expect(files.variable['admin_password']![0]).toMatchObject({ ephemeral: true, sensitive: true });
    const foundation = await parseTerraform(folderOf('foundation'));
    expect(foundation.variable['shared_admin_password']![0]).toMatchObject({ ephemeral: true, sensitive: true });
    const outputs = [files, foundation].flatMap(({ output }) =>
      Object.values(output)
        .flat()
        .map(({ value }) => value),
    );
    expect(JSON.stringify(outputs)).not.toMatch(/password(?!_wo_version)/);
  });
});

describe('the instance', () => {
  it('is what a reviewer asks for', async () => {
    const { instance } = await instances();
    expect(instance).toMatchObject({
      storage_type: 'gp3',
      storage_encrypted: true,
      publicly_accessible: false,
      copy_tags_to_snapshot: true,
      performance_insights_enabled: true,
      delete_automated_backups: false,
      multi_az: '${var.multi_az}',
      kms_key_id: '${var.kms_key_arn}',
      max_allocated_storage: '${var.max_allocated_storage_gib}',
    });
    const text = read('modules', 'tenant-storage', 'main.tf');
    expect(text).toMatch(/staging\s*= \{ backup_days = 14/);
    expect(text).toMatch(/production\s*= \{ backup_days = 35/);
    const alarms = read('modules', 'tenant-storage', 'alarms.tf');
    for (const metric of ['FreeStorageSpace', 'CPUUtilization', 'DatabaseConnections', 'OldestReplicationSlotLag']) {
      expect(alarms).toContain(`"${metric}"`);
    }
  });

  it('is reached by TLS alone, and can replicate', async () => {
    const foundation = await parseTerraform(folderOf('foundation'));
    const [group] = foundation.resource['aws_db_parameter_group']!['postgres']!;
    const parameters = group!['parameter'] as readonly { readonly name: string; readonly value: string }[];
    const values = new Map(parameters.map(({ name, value }) => [name, value]));
    expect([values.get('rds.force_ssl'), values.get('rds.logical_replication')]).toEqual(['1', '1']);
  });
});

describe('the README', () => {
  it.each(modules)('of %s names every variable and output, and no other', async (module) => {
    const { variable, output } = await parseTerraform(folderOf(module));
    const named = [...read('modules', module, 'README.md').matchAll(/^\| `(\w+)`\s+\|/gm)].map(([, name]) => name);
    expect([...named].sort()).toEqual([...Object.keys(variable), ...Object.keys(output)].sort());
    for (const [body] of [...Object.values(variable), ...Object.values(output)]) {
      expect(body?.['description']).toMatch(/^.{10,}/);
    }
  });

  it.each(['tenant-storage', 'foundation'])('of %s shows the example as it is', (module) => {
    const [, shown] = /```hcl\n([\s\S]*?)```/.exec(read('modules', module, 'README.md')) ?? [];
    expect(shown).toBe(read('examples', module, 'main.tf'));
  });
});
