export interface VaultAddress {
  /** `https://vault.example.com:8200` */
  readonly url: string;
  readonly namespace?: string;
  /** Certificates, PEM, of who may vouch for the server; without it those that Node knows. */
  readonly ca?: string;
  /** How long the server may stay silent before a request counts as lost. */
  readonly timeoutMs: number;
}

export interface VaultRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/v1`, for example `secret/data/tenants/acme/db`. */
  readonly path: string;
  readonly body?: object;
}

/** What Vault said, whether it did what was asked (2xx, told as 200) or not. */
export interface VaultAnswer {
  readonly status: number;
  readonly body: unknown;
}
