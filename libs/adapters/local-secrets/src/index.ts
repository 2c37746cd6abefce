export { LocalSecrets, type LocalSecretsOptions } from './local-secrets.js';
