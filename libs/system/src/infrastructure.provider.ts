import path from 'node:path';
import { BerthError } from '@berth/domain';
import type { Config } from '@berth/config';
import { LocalInfrastructure } from '@berth/local-infrastructure';
import type { Infrastructure } from '@berth/ports';
import { findTerraform, TerraformInfrastructure } from '@berth/terraform';
import { programsFor } from './programs.provider.js';

/** @throws `config-invalid` when Terraform is asked for and none is there: never a silent fallback */
export async function infrastructureFor(config: Config): Promise<Infrastructure> {
  const programs = programsFor(config);
  const instances = new LocalInfrastructure({ root: config.BERTH_INSTANCES_DIR, programs });
  if (config.BERTH_INFRASTRUCTURE === 'local') return instances;
  const terraform = await findTerraform({ explicit: config.BERTH_TERRAFORM_BIN, path: config.PATH });
  if (terraform === null) {
    throw new BerthError(
      'config-invalid',
      'BERTH_INFRASTRUCTURE is terraform, and neither terraform nor tofu was found.',
      {
        hint: 'Install Terraform 1.4 or newer, name it in BERTH_TERRAFORM_BIN, or set BERTH_INFRASTRUCTURE=local.',
      },
    );
  }
  return new TerraformInfrastructure({
    terraform,
    stateServer: { url: config.BERTH_TERRAFORM_STATE_URL ?? config.BERTH_CATALOG_URL },
    workRoot: config.BERTH_TERRAFORM_DIR ?? path.join(config.BERTH_INSTANCES_DIR, '.terraform'),
    instanceRoot: config.BERTH_INSTANCES_DIR,
    instances,
    programs,
  });
}
