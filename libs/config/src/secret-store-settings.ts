import { z } from 'zod';

const optionalText = z.string().min(1).optional();
/** Parts of a path in Vault: neither absolute nor with anything that a URL would read as something else. */
const vaultPath = z.string().regex(/^[\w-]+(\/[\w-]+)*$/);

/** The settings of Vault, with `BERTH_SECRET_STORE=vault`. No credential is a value here: children inherit an environment. */
export const vaultShape = {
  BERTH_VAULT_URL: z.url({ protocol: /^https?$/ }).optional(),
  BERTH_VAULT_NAMESPACE: vaultPath.optional(),
  /** A KV store of version 2. */
  BERTH_VAULT_MOUNT: vaultPath.default('secret'),
  /** Folder in the mount. */
  BERTH_VAULT_PREFIX: vaultPath.optional(),
  /** Certificates of who may vouch for Vault, PEM. */
  BERTH_VAULT_CA_FILE: optionalText,
  /** How long Vault may stay silent before a request counts as lost. */
  BERTH_VAULT_TIMEOUT_MS: z.coerce.number().int().min(100).default(5_000),
  /** How Berth logs in. */
  BERTH_VAULT_AUTH: z.enum(['approle', 'kubernetes', 'token']).default('approle'),
  /** Where that method is mounted; else at its own name. */
  BERTH_VAULT_AUTH_MOUNT: vaultPath.optional(),
  /** For `approle`: no secret by itself. */
  BERTH_VAULT_ROLE_ID: optionalText,
  /** For `approle`. */
  BERTH_VAULT_SECRET_ID_FILE: optionalText,
  /** For `kubernetes`: the role that the service account is bound to. */
  BERTH_VAULT_ROLE: optionalText,
  /** For `kubernetes`: the pod's own token. */
  BERTH_VAULT_JWT_FILE: z.string().min(1).default('/var/run/secrets/kubernetes.io/serviceaccount/token'),
  /** For `token`. */
  BERTH_VAULT_TOKEN_FILE: optionalText,
} as const;

type VaultVariables = z.infer<z.ZodObject<typeof vaultShape>>;

/** Where secrets are kept, with all that is needed for it. */
export type SecretStoreSettings =
  | { readonly store: 'local'; readonly folder: string }
  | {
      readonly store: 'vault';
      readonly url: string;
      readonly namespace: string | undefined;
      readonly caFile: string | undefined;
      readonly timeoutMs: number;
      readonly mount: string;
      readonly prefix: string;
      readonly login:
        | { readonly method: 'approle'; readonly mount: string; readonly roleId: string; readonly secretIdFile: string }
        | { readonly method: 'kubernetes'; readonly mount: string; readonly role: string; readonly jwtFile: string }
        | { readonly method: 'token'; readonly tokenFile: string };
    };

const neededByLogin: Readonly<Record<VaultVariables['BERTH_VAULT_AUTH'], readonly (keyof VaultVariables)[]>> = {
  approle: ['BERTH_VAULT_ROLE_ID', 'BERTH_VAULT_SECRET_ID_FILE'],
  kubernetes: ['BERTH_VAULT_ROLE'],
  token: ['BERTH_VAULT_TOKEN_FILE'],
};

/** What the chosen store and login need and was not set. Looks at the raw values, so that its faults come with all others. */
export function missingForSecrets(given: Readonly<Record<string, string | undefined>>): readonly string[] {
  const missing = (names: readonly string[], because: string): readonly string[] =>
    names.filter((name) => given[name] === undefined).map((name) => `${name}: is missing${because}`);
  const { BERTH_SECRET_STORE: store = 'local', BERTH_VAULT_AUTH: method = 'approle' } = given;
  if (store === 'local') return missing(['BERTH_SECRETS_DIR'], '');
  if (store !== 'vault') return [];
  const login = Object.entries(neededByLogin).find(([name]) => name === method)?.[1] ?? [];
  return [
    ...missing(['BERTH_VAULT_URL'], '; BERTH_SECRET_STORE=vault needs it'),
    ...missing(login, `; BERTH_VAULT_AUTH=${method} needs it`),
  ];
}

type Variables = VaultVariables & {
  readonly BERTH_SECRET_STORE: SecretStoreSettings['store'];
  readonly BERTH_SECRETS_DIR?: string | undefined;
};

/** The part of a configuration that was read, so that nothing it needs is missing. */
export function secretStoreSettings(config: Variables): SecretStoreSettings {
  if (config.BERTH_SECRET_STORE === 'local') return { store: 'local', folder: config.BERTH_SECRETS_DIR ?? '' };
  return {
    store: 'vault',
    url: config.BERTH_VAULT_URL ?? '',
    namespace: config.BERTH_VAULT_NAMESPACE,
    caFile: config.BERTH_VAULT_CA_FILE,
    timeoutMs: config.BERTH_VAULT_TIMEOUT_MS,
    mount: config.BERTH_VAULT_MOUNT,
    prefix: config.BERTH_VAULT_PREFIX ?? '',
    login: loginOf(config),
  };
}

type LoginSettings = Extract<SecretStoreSettings, { store: 'vault' }>['login'];

function loginOf(config: VaultVariables): LoginSettings {
  const { BERTH_VAULT_AUTH: method, BERTH_VAULT_AUTH_MOUNT: mount = method } = config;
  switch (method) {
    case 'approle':
      return {
        method,
        mount,
        roleId: config.BERTH_VAULT_ROLE_ID ?? '',
        secretIdFile: config.BERTH_VAULT_SECRET_ID_FILE ?? '',
      };
    case 'kubernetes':
      return { method, mount, role: config.BERTH_VAULT_ROLE ?? '', jwtFile: config.BERTH_VAULT_JWT_FILE };
    case 'token':
      return { method, tokenFile: config.BERTH_VAULT_TOKEN_FILE ?? '' };
  }
}
