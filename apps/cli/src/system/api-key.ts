import { randomBytes, randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import type { Home } from './home.js';

/** The first admin key of a local system: made once, kept in a file of its owner's alone; the API makes it known to itself. */
export async function ensureApiKey(home: Home): Promise<void> {
  const present = await readFile(home.apiKey, 'utf8').catch(() => '');
  if (present.trim() !== '') return;
  const aside = `${home.apiKey}.${randomUUID()}`;
  await writeFile(aside, `berth_${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
  await rm(home.apiKey, { force: true });
  await link(aside, home.apiKey);
  await rm(aside);
}
