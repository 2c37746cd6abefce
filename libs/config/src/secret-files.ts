import { readFileSync } from 'node:fs';
import { z } from 'zod';

const file = z.string().min(1).optional();

/** Settings with a password inside, each of which may come by a file: that is how containers are handed secrets. */
export const secretFileShape = {
  /** File with BERTH_CATALOG_URL. */
  BERTH_CATALOG_URL_FILE: file,
  /** File with BERTH_TERRAFORM_STATE_URL. */
  BERTH_TERRAFORM_STATE_URL_FILE: file,
  /** File with BERTH_REDIS_URL. */
  BERTH_REDIS_URL_FILE: file,
} as const;

type Given = Readonly<Record<string, string | undefined>>;

export interface ReadSecrets {
  /** What was given, with the contents of the files under the settings' own names. */
  readonly given: Given;
  /** Settings whose file could not be read: that they are missing then is no second fault. */
  readonly unread: readonly string[];
  readonly faults: readonly string[];
}

/** Reads them once, at the start. A fault names the variable and never what is in the file. */
export function readSecretFiles(given: Given): ReadSecrets {
  const values: Record<string, string> = {};
  const unread: string[] = [];
  const faults: string[] = [];
  for (const variable of Object.keys(secretFileShape)) {
    const name = variable.replace(/_FILE$/, '');
    const path = given[variable];
    if (path === undefined) continue;
    if (given[name] !== undefined) {
      faults.push(`${name} and ${variable}: only one of them may be set`);
      continue;
    }
    const text = textOf(path);
    if (text === '') {
      unread.push(name);
      faults.push(`${variable}: the file cannot be read, or is empty`);
    } else values[name] = text;
  }
  return { given: { ...given, ...values }, unread, faults };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
