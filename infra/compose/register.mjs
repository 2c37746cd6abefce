// The service `register` of docker-compose.yml: tells Berth which servers there are, by its API, as an operator would by
// `berth clusters register` and `berth poolers register`. What Berth knows already it leaves as it is.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const setting = (name) => {
  const value = process.env[name];
  if (value) return value;
  console.error(`${name} is not set`);
  process.exit(2);
};
const apiUrl = setting('API_URL');
const key = (await readFile(setting('API_KEY_FILE'), 'utf8')).trim();
const passwords = setting('PASSWORDS');
const parts = JSON.parse(await readFile(setting('PARTS_FILE'), 'utf8'));

async function call(method, what, body) {
  const response = await fetch(`${apiUrl}/v1/${what}`, {
    method,
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  return { status: response.status, body: await response.json().catch(() => ({})) };
}

async function register(kind, { passwordOf, ...part }, username) {
  const known = await call('GET', `${kind}/${part.id}`);
  // A registration that broke off left a closed cluster: the same one again finishes it.
  const isUnfinished = kind === 'clusters' && known.body.state === 'cordoned' && known.body.version === 1;
  if (known.status === 200 && !isUnfinished) {
    console.log(`${part.id} is known`);
    return;
  }
  const password = (await readFile(path.join(passwords, passwordOf), 'utf8')).trim();
  // Without TLS: the network of docker-compose.yml leaves this machine by no way.
  const answer = await call('POST', kind, { ...part, sslMode: 'disable', admin: { username, password } });
  if (answer.status >= 300) {
    const { title, detail, hint } = answer.body;
    throw new Error(`${part.id}: ${detail ?? title ?? answer.status}${hint ? ` ${hint}` : ''}`);
  }
  console.log(`${part.id} is registered`);
}

try {
  for (const cluster of parts.clusters) await register('clusters', cluster, 'berth_admin');
  for (const pooler of parts.poolers) await register('poolers', pooler, 'berth_pooler');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
