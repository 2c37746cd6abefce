import { fileURLToPath } from 'node:url';
import { BerthError } from '@berth/domain';
import type { InstanceAdmin, InstanceSpec } from '@berth/ports';
import type { TerraformProgram } from './find-terraform.js';
import type { InstanceModule } from './instance-module.js';

/** What the foundation told, as far as the module wants it. */
export interface AwsModuleSettings {
  readonly region: string;
  readonly kms_key_arn: string;
  readonly tenant_kms_key_arns: Readonly<Record<string, string>>;
  readonly parameter_group_names: Readonly<Record<string, string>>;
  /** Inputs of the module that are the same for every instance. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface AwsModuleOptions {
  readonly settings: AwsModuleSettings;
  /** Berth's settings; only what {@link awsEnvironmentNames} names is handed on. */
  readonly environment: Readonly<Partial<Record<(typeof awsEnvironmentNames)[number], string | undefined>>>;
  /** The value of PATH: a profile may name a program that brings the credentials. */
  readonly searchPath?: string | undefined;
  /** Folder where providers are kept, so that they are not fetched again for each instance. */
  readonly providersFolder?: string | undefined;
  /** Default: the module of this repository. */
  readonly folder?: string;
}

/** How the provider finds its credentials. Nothing else of the environment reaches it: AWS_… is wide, this list is not. */
export const awsEnvironmentNames = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_CA_BUNDLE',
] as const;

/** A tenant whose label of this name has the value `x` is encrypted by the key `x` of the foundation's `tenant_kms_key_arns`. */
const keyLabel = 'kms-key';
const server = 'module.instance.aws_db_instance.instance';

/** `terraform/modules/tenant-storage`: one RDS instance for a tenant. */
export class AwsModule implements InstanceModule {
  readonly folder: string;
  readonly server = { type: 'aws_db_instance', name: 'instance' };
  /** RDS goes on making it whether Terraform waits or not; and a replaced one would be deleted first. */
  readonly finishesTainted = true;
  /** RDS has no superuser for us: its master, who is in rds_superuser, is both. */
  readonly adminMakesStreams = true;
  readonly outputs = ['cluster_id', 'identifier', 'host', 'port', 'postgres_major', 'admin_username', 'admin_revision'];
  readonly providers: Readonly<Record<string, object>>;
  readonly ephemeral = ['admin_password'];
  readonly lost = 'RDS does not know it any more';
  readonly cliConfig: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly meanings = {
    [server]: {
      create: 'Make the RDS instance; that takes about 10 minutes',
      update: 'Change the RDS instance where it is not as it should be, and set the password of its admin login again',
      replace: 'Refuse: the RDS instance would be replaced, and its data lost',
      delete: 'Delete the RDS instance after a final snapshot',
    },
  };

  constructor(private readonly options: AwsModuleOptions) {
    const { settings, environment, providersFolder, searchPath } = options;
    this.folder =
      options.folder ?? fileURLToPath(new URL('../../../../terraform/modules/tenant-storage', import.meta.url));
    this.providers = { aws: { region: settings.region } };
    this.cliConfig = providersFolder === undefined ? '' : mirror(providersFolder);
    const given = awsEnvironmentNames.map((name) => [name, environment[name]] as const);
    this.environment = {
      ...Object.fromEntries(given.filter((one): one is [(typeof one)[0], string] => (one[1] ?? '') !== '')),
      ...(searchPath === undefined ? {} : { PATH: searchPath }),
    };
  }

  variables({ clusterId, labels, postgresMajor }: InstanceSpec, adminUsername?: string): Record<string, unknown> {
    return {
      ...this.options.settings.inputs,
      cluster_id: clusterId,
      labels,
      postgres_major: this.majorFor(postgresMajor),
      parameter_group_names: this.options.settings.parameter_group_names,
      kms_key_arn: this.keyFor(labels),
      admin_password: '${var.admin_password}',
      // New each time: each create sets the password that it was given. Seconds, since it is a number in the provider's schema.
      admin_revision: Math.floor(Date.now() / 1000),
      ...(adminUsername === undefined ? {} : { admin_username: adminUsername }),
    };
  }

  secretEnvironment({ password }: InstanceAdmin): Readonly<Record<string, string>> {
    return { TF_VAR_admin_password: password };
  }

  /** Write-only arguments came with 1.11, to OpenTofu too: an older one would keep the password in the state. */
  refuse({ kind, version }: TerraformProgram): void {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major > 1 || minor >= 11) return;
    throw new BerthError(
      'config-invalid',
      `Instances in AWS need Terraform or OpenTofu 1.11 or newer; this is ${kind} ${version}.`,
      {
        hint: 'Install it, or name it in BERTH_TERRAFORM_BIN. An older one would keep the password of an instance in the state.',
      },
    );
  }

  async environmentFor(): Promise<Readonly<Record<string, string>>> {
    return {};
  }

  private majorFor(wanted: number | undefined): number {
    const majors = Object.keys(this.options.settings.parameter_group_names).map(Number);
    const major = wanted ?? Math.max(...majors);
    if (majors.includes(major)) return major;
    throw new BerthError(
      'infrastructure-missing',
      `The foundation has no parameter group for PostgreSQL ${String(major)}; it has ${majors.join(', ')}.`,
      { hint: `Add ${String(major)} to its variable postgres_majors, apply it, and write the settings file anew.` },
    );
  }

  private keyFor(labels: InstanceSpec['labels']): string {
    const { kms_key_arn: common, tenant_kms_key_arns: own } = this.options.settings;
    const name = labels[keyLabel];
    if (name === undefined) return common;
    const arn = own[name];
    if (arn !== undefined) return arn;
    throw new BerthError(
      'infrastructure-missing',
      `The foundation knows no KMS key for the label ${keyLabel}=${name}.`,
      {
        hint: `Add it to its variable tenant_kms_key_arns, apply it, and write the settings file anew.`,
      },
    );
  }
}

/** Providers that lie unpacked in a mirror are linked, not copied: one of 700 MB an instance would be too many. */
function mirror(folder: string): string {
  const quoted = JSON.stringify(folder);
  return `provider_installation {\n  filesystem_mirror {\n    path = ${quoted}\n  }\n}\n`;
}
