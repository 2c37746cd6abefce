export * from './cli-environment.js';
export * from './config.js';
export { secretStoreSettings, type SecretStoreSettings } from './secret-store-settings.js';
