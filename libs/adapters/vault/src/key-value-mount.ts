import { parseTenantId, secretRefs, type SecretRef } from '@berth/domain';
import { at, textAt } from './json-body.js';
import { isAbsent, refused, unavailable } from './vault-faults.js';
import type { VaultAnswer, VaultRequest } from './vault-messages.js';
import type { VaultSession } from './vault-session.js';

type Side = 'data' | 'metadata';

/** What Berth does with a secret, by the side of the mount: what `infra/vault/berth.hcl` grants. */
const needed: Readonly<Record<Side, readonly string[]>> = {
  data: ['create', 'update', 'read', 'delete'],
  metadata: ['create', 'update', 'read', 'list', 'delete'],
};

/** The paths of one KV mount of version 2, and what has to be true about it. */
export class KeyValueMount {
  #verified: Promise<void> | null = null;

  constructor(
    private readonly session: VaultSession,
    private readonly mount: string,
    private readonly prefix: string,
  ) {}

  path(side: Side, ref: string): string {
    return [this.mount, side, this.prefix, ref].filter((part) => part !== '').join('/');
  }

  /** Null: there is nothing. @throws `secrets-unavailable` */
  async ask(request: VaultRequest): Promise<unknown> {
    const answer = await this.send(request);
    if (answer.status === 200) return answer.body;
    if (isAbsent(answer)) return null;
    throw refused(answer, request);
  }

  /** The answer as it is, after a first look that the mount is of version 2. */
  async send(request: VaultRequest): Promise<VaultAnswer> {
    this.#verified ??= this.#verify().catch((thrown: unknown) => {
      this.#verified = null;
      throw thrown;
    });
    await this.#verified;
    return await this.session.send(request);
  }

  /** Sees that Berth's role may do all that it has to. @throws `secrets-unavailable` naming what it may not */
  async checkRights(): Promise<void> {
    const ref: SecretRef<object> = secretRefs.tenantDb(parseTenantId('berth-check'));
    const sides = ['data', 'metadata'] as const;
    const paths = sides.map((side) => this.path(side, ref));
    const body = await this.ask({ method: 'POST', path: 'sys/capabilities-self', body: { paths } });
    for (const side of sides) {
      const path = this.path(side, ref);
      const found = at(body, 'data', path);
      const granted: readonly unknown[] = Array.isArray(found) ? found : [];
      const missing = granted.includes('root') ? [] : needed[side].filter((right) => !granted.includes(right));
      if (missing.length === 0) continue;
      throw unavailable(`Vault does not let Berth ${missing.join(', ')} at ${path}.`, 'operator', {
        hint: 'Compare the policy of Berth’s role with infra/vault/berth.hcl, and BERTH_VAULT_MOUNT with its paths.',
        details: { path, missing },
      });
    }
  }

  /** Version 1 would take every write as a document of its own making, without check-and-set and without a word. */
  async #verify(): Promise<void> {
    const request: VaultRequest = { method: 'GET', path: `sys/internal/ui/mounts/${this.mount}` };
    const answer = await this.session.send(request);
    if (answer.status !== 200) throw refused(answer, request);
    const type = textAt(answer.body, 'data', 'type');
    const version = textAt(answer.body, 'data', 'options', 'version');
    if (type === 'kv' && version === '2') return;
    throw unavailable(`The mount ${this.mount} of Vault is no KV store of version 2.`, 'operator', {
      hint: `Type: vault secrets enable -path=${this.mount} -version=2 kv, or name another mount in BERTH_VAULT_MOUNT.`,
      details: { mount: this.mount, type, version },
    });
  }
}
