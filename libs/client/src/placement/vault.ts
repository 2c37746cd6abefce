import { parseSecret, type TenantSecret } from '../secret.js';
import { askJson, at, type JsonAnswer } from './ask-json.js';
import { contentOf } from './credential-file.js';
import type { PlacementSource } from './placement-source.js';

/** How a service proves to Vault who it is. Files are read anew at each login, so that they may be replaced at any time. */
export type VaultLogin =
  | { readonly method: 'token'; readonly tokenFile: string }
  | { readonly method: 'approle'; readonly mount?: string; readonly roleId: string; readonly secretIdFile: string }
  | { readonly method: 'kubernetes'; readonly mount?: string; readonly role: string; readonly jwtFile?: string };

export interface VaultPlacement {
  /** For example `https://vault.internal:8200`. An authority of your own comes by Node's NODE_EXTRA_CA_CERTS. */
  readonly address: string;
  readonly login: VaultLogin;
  /** The KV store of version 2. Default `secret`. */
  readonly mount?: string;
  /** Folder in the mount, as Berth is configured. Default none: `secret/data/tenants/<id>/db`. */
  readonly prefix?: string;
  /** Of Vault Enterprise. */
  readonly namespace?: string;
}

const podToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Tenants' secrets in HashiCorp Vault, read by a small reader of its own. The service needs `read` on its tenants' paths, no more. */
export function fromVault(options: VaultPlacement): PlacementSource {
  const { address, login, mount = 'secret', prefix = '', namespace } = options;
  const base = new URL(address.endsWith('/') ? address : `${address}/`);
  const spaced: Readonly<Record<string, string>> = namespace === undefined ? {} : { 'x-vault-namespace': namespace };
  const parts = (text: string) => text.split('/').filter((part) => part !== '');
  const folder = [...parts(mount), 'data', ...parts(prefix), 'tenants'].join('/');
  let token: string | null = null;
  let loggingIn: Promise<string> | null = null;

  async function newToken(signal: AbortSignal): Promise<string> {
    if (login.method === 'token') return await contentOf(login.tokenFile);
    const standard = login.method;
    const body =
      login.method === 'approle'
        ? { role_id: login.roleId, secret_id: await contentOf(login.secretIdFile) }
        : { role: login.role, jwt: await contentOf(login.jwtFile ?? podToken) };
    const where = new URL(`v1/auth/${login.mount ?? standard}/login`, base);
    const answer = await askJson(where, { method: 'POST', headers: spaced, body, signal });
    const given = at(answer.body, 'auth', 'client_token');
    if (answer.status === 200 && typeof given === 'string') return given;
    throw new Error(`Vault refused the login at ${where.pathname} with ${String(answer.status)}`);
  }

  async function ask(where: URL, signal: AbortSignal): Promise<JsonAnswer> {
    // Once for all tenants, and not bound to the patience of the one who happened to ask first.
    loggingIn ??= token === null ? newToken(AbortSignal.timeout(5_000)).finally(() => (loggingIn = null)) : null;
    if (loggingIn !== null) token = await loggingIn;
    return await askJson(where, { headers: { ...spaced, 'x-vault-token': token ?? '' }, signal });
  }

  return {
    async read(tenantId, { signal }): Promise<TenantSecret | null> {
      const where = new URL(`v1/${folder}/${tenantId}/db`, base);
      const used = token;
      let answer = await ask(where, signal);
      if (answer.status === 403) {
        // Tokens end: another login, once. A refusal that stays is one of the policy.
        if (token === used) token = null;
        answer = await ask(where, signal);
      }
      if (answer.status === 404) return null;
      if (answer.status !== 200) throw new Error(`Vault answered ${where.pathname} with ${String(answer.status)}`);
      return parseSecret(at(answer.body, 'data', 'data'));
    },
  };
}
