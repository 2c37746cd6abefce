export { AwsModule, awsEnvironmentNames, type AwsModuleOptions, type AwsModuleSettings } from './aws-module.js';
export { LocalModule, type LocalModuleOptions } from './local-module.js';
export type { InstanceModule } from './instance-module.js';
export { findTerraform, type TerraformProgram, type TerraformSearch } from './find-terraform.js';
export { defaultStateSchema, type StateServer } from './state-server.js';
export {
  TerraformInfrastructure,
  type InstanceReader,
  type TerraformInfrastructureOptions,
} from './terraform-infrastructure.js';
