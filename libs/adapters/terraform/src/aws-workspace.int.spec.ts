import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  FakeInfrastructure,
  instanceAdmin,
  instanceSpec,
  recordedWork,
  startPostgres,
  whenAvailable,
  type TestPostgres,
} from '@berth/testing';
import { AwsModule } from './aws-module.js';
import { findTerraform } from './find-terraform.js';
import type { InstanceModule } from './instance-module.js';
import { TerraformInfrastructure } from './terraform-infrastructure.js';

// The provider cannot run without AWS. So the module's own variables, the real Terraform and the real state server are here, and
// `terraform_data` stands in for the RDS instance: what is tested is the way in and out, not what AWS makes of it.
const variables = fileURLToPath(new URL('../../../../terraform/modules/tenant-storage/variables.tf', import.meta.url));
const standIn = `
resource "terraform_data" "instance" {
  input = { cluster_id = var.cluster_id, kms = var.kms_key_arn, major = var.postgres_major, revision = var.admin_revision }
}
output "cluster_id" { value = terraform_data.instance.output.cluster_id }
output "admin_revision" { value = terraform_data.instance.output.revision }
`;
const key = 'arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d';

const found = await findTerraform({ path: process.env['PATH'] });
const newEnough = found !== null && Number(found.version.split('.')[1]) >= 11;
const part = { name: 'Terraform', missing: newEnough ? undefined : 'no terraform or tofu 1.11 or newer is on PATH' };

whenAvailable(part, 'Terraform, by the inputs of the module for AWS', () => {
  let state: TestPostgres;
  let root: string;
  let instances: FakeInfrastructure;
  let infrastructure: TerraformInfrastructure;
  let database: string;
  const lifted: string[] = [];

  beforeAll(async () => {
    state = await startPostgres();
    database = await state.createDatabase();
    root = await mkdtemp(path.join(tmpdir(), 'berth-aws-'));
    const folder = path.join(root, 'module');
    await mkdir(folder);
    await cp(variables, path.join(folder, 'variables.tf'));
    await writeFile(path.join(folder, 'main.tf'), standIn);
  });
  beforeEach(() => {
    instances = new FakeInfrastructure();
    const aws = new AwsModule({
      folder: path.join(root, 'module'),
      environment: { AWS_SECRET_ACCESS_KEY: 'a-secret-access-key' },
      settings: {
        region: 'eu-central-1',
        kms_key_arn: key,
        tenant_kms_key_arns: {},
        parameter_group_names: { '16': 'pg16' },
        inputs: {
          environment: 'production',
          log_kms_key_arn: key,
          subnet_group_name: 'berth-production',
          security_group_ids: ['sg-1'],
          monitoring_role_arn: 'arn:aws:iam::123456789012:role/m',
        },
      },
    });
    const module: InstanceModule = Object.assign(aws, {
      providers: {},
      server: { type: 'terraform_data', name: 'instance' },
      outputs: ['cluster_id', 'admin_revision'],
    });
    infrastructure = new TerraformInfrastructure({
      terraform: found!,
      stateServer: { url: state.adminUrl(database) },
      workRoot: path.join(root, 'work'),
      module,
      instances: Object.assign(instances, { unprotect: async (id: string) => void lifted.push(id) }),
    });
  });
  afterAll(async () => {
    await state.stop();
    await rm(root, { recursive: true, force: true });
  });

  const states = async (): Promise<string> => state.psql('SELECT name, data FROM berth_terraform.states', database);

  it('makes an instance with the password in no state, file or report, and lifts its protection before it goes', async () => {
    const spec = instanceSpec();
    const admin = { ...instanceAdmin(), password: 'correct-horse-battery-staple' };
    const work = recordedWork();
    // RDS's part: what Terraform applied is there when it is read back.
    await instances.create(spec, admin, recordedWork());
    const instance = await infrastructure.create(spec, admin, work);
    expect(instance).toMatchObject({ clusterId: spec.clusterId, labels: spec.labels });
    const seen = [await states(), JSON.stringify(work.seen), ...(await filesBelow(path.join(root, 'work')))].join('\n');
    expect(seen).toContain(key);
    expect(seen).toContain('"admin_revision"');
    for (const secret of [admin.password, 'a-secret-access-key']) expect(seen.includes(secret)).toBe(false);
    await infrastructure.destroy(spec.clusterId, recordedWork());
    expect(lifted).toEqual([spec.clusterId]);
    expect(await states()).toBe('');
    expect(await infrastructure.inspect(spec.clusterId)).toEqual({ state: 'absent' });
  });

  it('never makes an empty instance in the place of one that RDS does not know any more', async () => {
    const spec = instanceSpec();
    await instances.create(spec, instanceAdmin(), recordedWork());
    await infrastructure.create(spec, instanceAdmin(), recordedWork());
    await instances.destroy(spec.clusterId, recordedWork());
    expect(await infrastructure.inspect(spec.clusterId)).toEqual({
      state: 'broken',
      because: 'RDS does not know it any more',
    });
    await expect(infrastructure.create(spec, instanceAdmin(), recordedWork())).rejects.toMatchObject({
      code: 'infrastructure-failed',
      retry: 'operator',
      message: expect.stringContaining('RDS does not know it any more'),
    });
    await infrastructure.destroy(spec.clusterId, recordedWork());
  });

  it('refuses what the module refuses, before anything is made', async () => {
    const tooShort = { username: 'berth_admin', password: 'short' };
    await expect(infrastructure.create(instanceSpec(), tooShort, recordedWork())).rejects.toMatchObject({
      code: 'infrastructure-failed',
      message: expect.stringContaining('16 to 128 printable'),
    });
    await expect(infrastructure.plan(instanceSpec({ postgresMajor: 18 }))).rejects.toMatchObject({
      code: 'infrastructure-missing',
    });
    expect(await instances.list()).toEqual([]);
  });
});

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (file) => readFile(file, 'utf8')));
}
