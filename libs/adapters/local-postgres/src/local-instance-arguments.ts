import { parseArgs } from 'node:util';
import { BerthError } from '@berth/domain';
import { isServerPurpose, serverPurposes } from './server-settings.js';
import type { ServerPurpose } from './server-settings.js';

export const verbs = ['create', 'start', 'stop', 'status', 'destroy'] as const;
export type Verb = (typeof verbs)[number];

export interface InstanceArguments {
  readonly verb: Verb;
  readonly folder: string;
  readonly purpose: ServerPurpose;
  readonly admin: string;
  readonly minMajor: number | undefined;
}

export const usage = `usage: node local-instance.main.js <verb> --dir <folder> [options]

verbs (each may be repeated; each prints one line of JSON)
  create    make the server, start it, make the admin login when BERTH_ADMIN_VERIFIER is set
  start     start it and wait until it accepts connections
  stop      stop it
  status    say what is there: exit code 0 running, 3 stopped or starting, 4 absent or damaged
  destroy   stop it and remove all of its files

options
  --purpose <${serverPurposes.join('|')}>   memory and limits of a new server (default: dedicated)
  --admin <name>                          name of the admin login (default: berth_admin)
  --min-major <n>                         oldest PostgreSQL to take for a new server

environment
  BERTH_ADMIN_VERIFIER   SCRAM-SHA-256 verifier of the admin login's password
  BERTH_PG_BIN           folder of PostgreSQL's programs; PATH and the usual places else

exit codes: 0 done, 1 failed, 2 wrong arguments, 3 and 4 see status`;

export function parseInstanceArguments(args: readonly string[]): InstanceArguments {
  const { values, positionals } = parsed(args);
  const [verb, ...rest] = positionals;
  const { dir, purpose = 'dedicated', admin = 'berth_admin', 'min-major': minMajor } = values;
  if (rest.length > 0 || verb === undefined || !isVerb(verb))
    throw wrong(`the first word must be one of ${verbs.join(', ')}`);
  if (dir === undefined || dir === '') throw wrong('--dir is missing');
  if (!isServerPurpose(purpose)) throw wrong(`--purpose must be one of ${serverPurposes.join(', ')}`);
  if (minMajor !== undefined && !/^\d{1,3}$/.test(minMajor)) throw wrong('--min-major must be a number');
  return { verb, folder: dir, purpose, admin, minMajor: minMajor === undefined ? undefined : Number(minMajor) };
}

function parsed(args: readonly string[]) {
  const option = { type: 'string' } as const;
  try {
    const options = { dir: option, purpose: option, admin: option, 'min-major': option };
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : String(cause));
  }
}

function isVerb(text: string): text is Verb {
  return (verbs as readonly string[]).includes(text);
}

function wrong(sentence: string): BerthError {
  return new BerthError('invalid-request', sentence, { hint: usage });
}
