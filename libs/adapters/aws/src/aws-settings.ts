import { readFile } from 'node:fs/promises';
import { BerthError } from '@berth/domain';
import { z } from 'zod';

const keyArn = z.string().regex(/^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/);

/** The output `berth` of the module `terraform/modules/foundation`, and what an operator may add to it. */
export const awsSettingsSchema = z.strictObject({
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/),
  environment: z.enum(['staging', 'production']),
  name_prefix: z.string().regex(/^[a-z][a-z0-9]{1,9}$/),
  kms_key_arn: keyArn,
  /** By the value of the label `kms-key`. */
  tenant_kms_key_arns: z.record(z.string(), keyArn).default({}),
  log_kms_key_arn: keyArn,
  /** By major version. */
  parameter_group_names: z.record(z.string().regex(/^\d+$/), z.string()),
  subnet_group_name: z.string(),
  security_group_ids: z.array(z.string()).min(1),
  monitoring_role_arn: z.string(),
  alarm_topic_arns: z.array(z.string()).default([]),
  /** Inputs of the module tenant-storage, where its own defaults are not wanted: size, class, Multi-AZ, alarms. */
  instance: z
    .strictObject({
      instance_class: z.string(),
      multi_az: z.boolean(),
      allocated_storage_gib: z.number(),
      max_allocated_storage_gib: z.number(),
      iops: z.number(),
      storage_throughput_mibps: z.number(),
      deletion_protection: z.boolean(),
      final_snapshot: z.boolean(),
      backup_window: z.string(),
      maintenance_window: z.string(),
      alarms: z.record(z.string(), z.number()),
    })
    .partial()
    .default({}),
});
export type AwsSettings = z.output<typeof awsSettingsSchema>;

/** @throws `config-invalid` with every fault, by its name in the file */
export async function readAwsSettings(file: string): Promise<AwsSettings> {
  const parsed = awsSettingsSchema.safeParse(await readJson(file));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw new BerthError('config-invalid', `The settings for AWS in ${file} are wrong:\n  ${faults.join('\n  ')}`, {
    hint: 'Write the file anew: terraform output -json berth, in the folder of the foundation.',
    details: { faults },
  });
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new BerthError('config-invalid', `The settings for AWS in ${file} cannot be read.`, {
      cause,
      hint: 'BERTH_AWS_SETTINGS_FILE names a file with the output of: terraform output -json berth',
    });
  }
}
