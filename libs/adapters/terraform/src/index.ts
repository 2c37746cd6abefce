export { findTerraform, type TerraformProgram, type TerraformSearch } from './find-terraform.js';
export { defaultStateSchema, type StateServer } from './state-server.js';
export {
  TerraformInfrastructure,
  type InstanceReader,
  type TerraformInfrastructureOptions,
} from './terraform-infrastructure.js';
