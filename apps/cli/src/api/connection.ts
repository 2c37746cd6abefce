import { readFile } from 'node:fs/promises';
import type { CliEnvironment } from '@berth/config';
import { CommandFault, exitCodes } from '../exit-codes.js';
import { errnoOf } from '../system/errno.js';
import type { Home } from '../system/home.js';
import { readPorts } from '../system/ports.js';
import type { Connection } from './client.js';

export interface ConnectionFlags {
  readonly api?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Where the API is and which key to show: flags, else the environment, else the local system's own folder. */
export async function findConnection(
  flags: ConnectionFlags,
  environment: CliEnvironment,
  home: Home,
): Promise<Connection> {
  const named = flags.api ?? environment.api;
  const address = named === undefined ? await localAddress(home) : checkedAddress(named);
  const keyFile = flags.keyFile ?? environment.apiKeyFile;
  if (named !== undefined && keyFile === undefined) {
    throw new CommandFault(
      exitCodes.usage,
      `An API address is given (${address}), and no key for it.`,
      'Name the file that holds the key: --key-file FILE or BERTH_API_KEY_FILE',
    );
  }
  const key = await readKey(keyFile ?? home.apiKey);
  const hintWhenDown =
    named === undefined
      ? 'See "berth status"; start it with "berth up".'
      : 'Check --api or BERTH_API, and that it runs.';
  return { address, key, hintWhenDown };
}

async function localAddress(home: Home): Promise<string> {
  const ports = await readPorts(home).catch(() => undefined);
  if (ports !== undefined) return `http://127.0.0.1:${String(ports.api)}`;
  throw new CommandFault(
    exitCodes.unhealthy,
    `There is no Berth system in ${home.folder}.`,
    'Start one here with "berth up", or name an API elsewhere with --api and --key-file.',
    'no-system',
  );
}

function checkedAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, '');
  throw new CommandFault(
    exitCodes.usage,
    `${JSON.stringify(text)} is no address of an API.`,
    'For example http://127.0.0.1:8020',
  );
}

async function readKey(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const why = errnoOf(error) ?? 'unknown fault';
    throw new CommandFault(exitCodes.usage, `The API key cannot be read from ${file} (${why}).`);
  });
  const key = text.trim();
  // A header cannot hold a line break or a letter outside ASCII; fetch would fail with a sentence about "ByteString".
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new CommandFault(exitCodes.usage, `${file} holds no API key.`, 'One line, beginning with "berth_".');
}
