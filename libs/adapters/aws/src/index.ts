export { awsSettingsSchema, readAwsSettings, type AwsSettings } from './aws-settings.js';
export { rdsIdentifier } from './identifier.js';
export { RdsInstances, type RdsInstancesOptions } from './rds-instances.js';
