export type { VaultLogin } from './log-in.js';
export { VaultSecrets, type VaultSecretsOptions } from './vault-secrets.js';
