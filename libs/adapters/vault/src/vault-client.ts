import { Agent } from 'node:https';
import axios from 'axios';
import NodeVault from 'node-vault';
import { unreachable } from './vault-faults.js';
import type { VaultAddress, VaultAnswer, VaultRequest } from './vault-messages.js';

/**
 * One Vault server by node-vault, and the only file that knows it. Its errors hold the request with token and secret: none
 * leaves this class, not even as a cause.
 */
export class VaultClient {
  readonly #vault: NodeVault.client;

  constructor(readonly address: VaultAddress) {
    this.#vault = NodeVault({
      endpoint: address.url,
      // It would print whole documents for DEBUG=node-vault.
      debug: () => undefined,
      'request-promise': { defaults: () => transport(address) },
    });
    // It would take them from VAULT_TOKEN, VAULT_NAMESPACE and VAULT_PREFIX of the environment.
    Object.assign(this.#vault, { token: '', namespace: address.namespace ?? '', pathPrefix: '' });
  }

  /** @throws `secrets-unavailable` when no answer came */
  async send({ method, path, body }: VaultRequest, token?: string): Promise<VaultAnswer> {
    try {
      const answer: unknown = await this.#vault.request({
        method,
        path: `/${path}`,
        headers: token === undefined ? {} : { 'X-Vault-Token': token },
        json: body,
      });
      return { status: 200, body: answer };
    } catch (thrown) {
      const { response, code } = thrown as { response?: { statusCode?: unknown; body?: unknown }; code?: unknown };
      if (typeof response?.statusCode === 'number') return { status: response.statusCode, body: response.body };
      throw unreachable(this.address, typeof code === 'string' ? code : 'unknown fault');
    }
  }
}

/** A request as node-vault hands it to its HTTP client. */
interface PreparedRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: object | undefined;
}

/**
 * How node-vault's requests travel. Its own way has no deadline for a whole request, lets `VAULT_SKIP_VERIFY` switch off the
 * look at certificates, and follows redirects: with the token, to whatever host, printing it for DEBUG=follow-redirects.
 */
function transport({ ca, timeoutMs }: VaultAddress) {
  // As Node's own agent: connections are kept, the freshest is taken first, one that idles is closed.
  const kept = { keepAlive: true, scheduling: 'lifo', timeout: 5_000 } as const;
  const httpsAgent = new Agent({ ...kept, rejectUnauthorized: true, ...(ca !== undefined && { ca }) });
  return async ({ method, uri, headers, json }: PreparedRequest) => {
    const { status, data } = await axios.request<unknown>({
      ...{ method, url: uri, headers, data: json, httpsAgent },
      maxRedirects: 0,
      signal: AbortSignal.timeout(timeoutMs),
      validateStatus: () => true,
    });
    return { statusCode: status, body: data, request: { path: new URL(uri).pathname } };
  };
}
