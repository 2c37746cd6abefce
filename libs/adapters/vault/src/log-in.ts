import { readFile } from 'node:fs/promises';
import { at, numberAt, textAt } from './json-body.js';
import type { VaultClient } from './vault-client.js';
import { refused, unavailable } from './vault-faults.js';
import type { VaultRequest } from './vault-messages.js';

/** How Berth proves to Vault who it is. Files are read anew at each login, so that they may be replaced at any time. */
export type VaultLogin =
  | {
      readonly method: 'approle';
      /** Where the method is mounted, usually `approle`. */
      readonly mount: string;
      readonly roleId: string;
      readonly secretIdFile: string;
    }
  | {
      readonly method: 'kubernetes';
      /** Usually `kubernetes`. */
      readonly mount: string;
      readonly role: string;
      /** The token of the pod's service account. */
      readonly jwtFile: string;
    }
  /** A token that somebody else made: for development, or written by a Vault Agent beside Berth. */
  | { readonly method: 'token'; readonly tokenFile: string };

export interface Grant {
  readonly token: string;
  /** How long it lives from now on if nobody renews it; 0: for ever. */
  readonly ttlSeconds: number;
  readonly renewable: boolean;
}

/** @throws `secrets-unavailable` */
export async function logIn(client: VaultClient, login: VaultLogin): Promise<Grant> {
  switch (login.method) {
    case 'approle':
      return await exchange(client, login.mount, {
        role_id: login.roleId,
        secret_id: await contentOf(login.secretIdFile),
      });
    case 'kubernetes':
      return await exchange(client, login.mount, { role: login.role, jwt: await contentOf(login.jwtFile) });
    case 'token':
      return await lookUp(client, await contentOf(login.tokenFile));
  }
}

export function grantIn(body: unknown): Grant {
  return {
    token: textAt(body, 'auth', 'client_token'),
    ttlSeconds: numberAt(body, 'auth', 'lease_duration'),
    renewable: at(body, 'auth', 'renewable') === true,
  };
}

async function exchange(client: VaultClient, mount: string, credentials: object): Promise<Grant> {
  const request: VaultRequest = { method: 'POST', path: `auth/${mount}/login`, body: credentials };
  const answer = await client.send(request);
  if (answer.status === 200) return grantIn(answer.body);
  throw loginRefused(refused(answer, request), `Berth’s login at auth/${mount}`);
}

async function lookUp(client: VaultClient, token: string): Promise<Grant> {
  const request: VaultRequest = { method: 'GET', path: 'auth/token/lookup-self' };
  const answer = await client.send(request, token);
  if (answer.status !== 200) throw loginRefused(refused(answer, request), 'Berth’s token');
  const { body } = answer;
  return { token, ttlSeconds: numberAt(body, 'data', 'ttl'), renewable: at(body, 'data', 'renewable') === true };
}

type Fault = ReturnType<typeof unavailable>;

function loginRefused(fault: Fault, what: string): Fault {
  if (fault.retry !== 'operator') return fault;
  const { said } = fault.details;
  return unavailable(
    `Vault refuses ${what}: ${typeof said === 'string' ? said : 'it says nothing more'}.`,
    'operator',
    {
      hint: 'Make a new secret id (or token) for Berth’s role and put it into the file; see infra/vault/README.md.',
      details: fault.details,
    },
  );
}

async function contentOf(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
    const code = textAt(thrown, 'code');
    throw unavailable(`Berth’s credential for Vault, ${file}, cannot be read: ${code}.`, 'operator', {
      hint: 'Put the credential into that file, readable for the user of API and worker.',
      details: { file, code },
    });
  });
  return text.trim();
}
