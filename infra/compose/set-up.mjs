// The service `set-up` of docker-compose.yml: makes Vault ready for Berth and opens it whenever it is sealed, and lays out
// the files that Berth's containers share. Every part may be repeated; it goes on until it is told to end.
//
// The key that opens Vault lies in a volume beside it. That is enough to try Berth, and no protection from whoever reads the
// volumes: docs/compose.md says what to do in production.
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

const setting = (name) => {
  const value = process.env[name];
  if (value) return value;
  console.error(`${name} is not set`);
  process.exit(2);
};
const vaultUrl = setting('VAULT_URL');
const loginFolder = setting('LOGIN_FOLDER');
const secretIdFile = path.join(loginFolder, 'vault-secret-id');
const apiKeyFile = path.join(loginFolder, 'api-key');
const roundMs = 2_000;

async function ask(method, what, { token, body, accept = [] } = {}) {
  const response = await fetch(`${vaultUrl}/v1/${what}`, {
    method,
    headers: token === undefined ? {} : { 'X-Vault-Token': token },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  // Vault's own words name paths and reasons, never values.
  if (!response.ok && !accept.includes(response.status))
    throw new Error(`Vault answered ${method} ${what} with ${response.status}: ${text.slice(0, 300)}`);
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}

/** Whole or not at all, and for this user alone. */
async function put(file, text, mode = 0o600) {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.new`, text, { mode });
  await rename(`${file}.new`, file);
}

const isThere = (file) =>
  access(file).then(
    () => true,
    () => false,
  );
const readTrimmed = async (file) => (await readFile(file, 'utf8')).trim();

async function openVault() {
  const keysFile = setting('VAULT_KEYS_FILE');
  const { body: state } = await ask('GET', 'sys/seal-status');
  if (!state.initialized) {
    const { body } = await ask('PUT', 'sys/init', { body: { secret_shares: 1, secret_threshold: 1 } });
    await put(keysFile, JSON.stringify({ unsealKey: body.keys_base64[0], rootToken: body.root_token }));
    console.log('Vault is made');
  }
  const keys = JSON.parse(await readFile(keysFile, 'utf8'));
  if (state.sealed || !state.initialized) {
    await ask('PUT', 'sys/unseal', { body: { key: keys.unsealKey } });
    console.log('Vault is opened');
  }
  // It takes some moments until it serves.
  await ask('GET', 'sys/health');
  return keys.rootToken;
}

/** What infra/vault/README.md says, as an operator would type it. */
async function readyVault(token) {
  const { body: mounts } = await ask('GET', 'sys/mounts', { token });
  if (mounts.data['secret/'] === undefined)
    await ask('POST', 'sys/mounts/secret', { token, body: { type: 'kv', options: { version: '2' } } });
  const { body: methods } = await ask('GET', 'sys/auth', { token });
  if (methods.data['approle/'] === undefined)
    await ask('POST', 'sys/auth/approle', { token, body: { type: 'approle' } });
  const policy = await readFile(setting('VAULT_POLICY_FILE'), 'utf8');
  await ask('PUT', 'sys/policies/acl/berth', { token, body: { policy } });
  const role = { token_policies: ['berth'], token_ttl: '20m', token_max_ttl: '24h', token_no_default_policy: true };
  await ask('POST', 'auth/approle/role/berth', { token, body: role });
  await ask('POST', 'auth/approle/role/berth/role-id', { token, body: { role_id: setting('VAULT_ROLE_ID') } });
  await ask('GET', 'secret/config', { token });
  if (await secretIdIsGood()) return;
  const { body } = await ask('POST', 'auth/approle/role/berth/secret-id', { token });
  await put(secretIdFile, body.data.secret_id);
  console.log('Berth may log in to Vault');
}

async function secretIdIsGood() {
  if (!(await isThere(secretIdFile))) return false;
  const body = { role_id: setting('VAULT_ROLE_ID'), secret_id: await readTrimmed(secretIdFile) };
  const { status } = await ask('POST', 'auth/approle/login', { body, accept: [400, 403] });
  return status === 200;
}

/** The files with which PgBouncer starts. From then on they are Berth's. */
async function layOutPooler() {
  const folder = setting('POOLER_FOLDER');
  const samples = setting('POOLER_SAMPLES');
  if (await isThere(path.join(folder, 'berth-userlist.txt'))) return;
  const password = await readTrimmed(setting('POOLER_PASSWORD_FILE'));
  for (const name of ['berth-databases.ini', 'berth-hba.conf', 'berth-userlist.txt']) {
    const text = await readFile(path.join(samples, name), 'utf8');
    await put(path.join(folder, name), text.replace('choose-a-password', password), 0o640);
  }
  console.log('PgBouncer has its first files');
}

/** The API wants the first key in a file that nobody else may read; Docker hands it over in one that all may. */
async function layOutApiKey() {
  await put(apiKeyFile, await readTrimmed(setting('API_KEY_FILE')));
}

async function check() {
  await ask('GET', 'sys/health');
  for (const file of [secretIdFile, apiKeyFile]) await access(file);
}

if (process.argv[2] === '--check') {
  await check().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
} else {
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
  await layOutApiKey();
  await layOutPooler();
  let ready = false;
  let said = '';
  for (;;) {
    try {
      const token = await openVault();
      if (!ready) await readyVault(token);
      ready = true;
      said = '';
    } catch (error) {
      // Vault may be starting, or away: the next round looks again. One sentence a trouble, not one a round.
      const because = error.cause?.message ?? error.message;
      if (because !== said) console.error(because);
      said = because;
    }
    await new Promise((resolve) => setTimeout(resolve, roundMs));
  }
}
