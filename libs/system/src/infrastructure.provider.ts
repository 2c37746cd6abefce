import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BerthError } from '@berth/domain';
import type { Config } from '@berth/config';
import { LocalInfrastructure } from '@berth/local-infrastructure';
import type { Infrastructure } from '@berth/ports';
import {
  AwsModule,
  findTerraform,
  LocalModule,
  TerraformInfrastructure,
  type TerraformInfrastructureOptions,
} from '@berth/terraform';
import { programsFor } from './programs.provider.js';
import { RegisteredServers } from './registered-servers.js';

type Made = Pick<TerraformInfrastructureOptions, 'instances' | 'module'>;

/** @throws `config-invalid` when Terraform is asked for and none is there: never a silent fallback */
export async function infrastructureFor(config: Config): Promise<Infrastructure> {
  switch (config.BERTH_INFRASTRUCTURE) {
    case 'local':
      return localInstances(config);
    case 'terraform':
      return byTerraform(config, {
        module: new LocalModule({ instanceRoot: config.BERTH_INSTANCES_DIR, programs: programsFor(config) }),
        instances: localInstances(config),
      });
    case 'aws':
      return byTerraform(config, await inAws(config));
    case 'registered':
      return new RegisteredServers();
  }
}

function localInstances(config: Config): LocalInfrastructure {
  return new LocalInfrastructure({ root: config.BERTH_INSTANCES_DIR, programs: programsFor(config) });
}

/** The settings file is one object; what every instance is given alike is the rest of it. */
async function inAws(config: Config): Promise<Made> {
  // Here and not above: the SDK costs memory and time to load, and most systems never ask for it.
  const { RdsInstances, readAwsSettings } = await import('@berth/aws');
  const settings = await readAwsSettings(config.BERTH_AWS_SETTINGS_FILE ?? '');
  const { region, kms_key_arn, tenant_kms_key_arns, parameter_group_names, instance, ...same } = settings;
  const inputs = { ...same, ...instance };
  const module = new AwsModule({
    settings: { region, kms_key_arn, tenant_kms_key_arns, parameter_group_names, inputs },
    environment: config,
    providersFolder: config.BERTH_TERRAFORM_PROVIDERS_DIR,
    searchPath: config.PATH,
  });
  return { module, instances: new RdsInstances({ settings, ca: await authorities(config.BERTH_AWS_CA_FILE ?? '') }) };
}

async function authorities(file: string): Promise<string> {
  const pem = await readFile(file, 'utf8').catch(() => '');
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
  throw new BerthError('config-invalid', `BERTH_AWS_CA_FILE: ${file} holds no certificate.`, {
    hint: 'Fetch that of your region: https://truststore.pki.rds.amazonaws.com/<region>/<region>-bundle.pem',
  });
}

async function byTerraform(config: Config, made: Made): Promise<TerraformInfrastructure> {
  const terraform = await findTerraform({ explicit: config.BERTH_TERRAFORM_BIN, path: config.PATH });
  if (terraform === null) {
    throw new BerthError(
      'config-invalid',
      `BERTH_INFRASTRUCTURE is ${config.BERTH_INFRASTRUCTURE}, and neither terraform nor tofu was found.`,
      {
        hint: 'Install Terraform 1.4 or newer, name it in BERTH_TERRAFORM_BIN, or set BERTH_INFRASTRUCTURE=local.',
      },
    );
  }
  made.module.refuse(terraform);
  return new TerraformInfrastructure({
    terraform,
    stateServer: { url: config.BERTH_TERRAFORM_STATE_URL ?? config.BERTH_CATALOG_URL },
    workRoot: config.BERTH_TERRAFORM_DIR ?? path.join(config.BERTH_INSTANCES_DIR, '.terraform'),
    ...made,
  });
}
