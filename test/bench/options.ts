import { parseArgs } from 'node:util';

type Options<Defaults> = { readonly [Name in keyof Defaults]: Defaults[Name] extends number ? number : string } & {
  readonly json: boolean;
  /** Where charts and figures go; empty: charts to a temporary folder, figures nowhere. */
  readonly charts: string;
};

/**
 * Numbers and words that the command line may change, `--size-mb 100` for `sizeMb`, and of every benchmark `--json` and
 * `--charts FOLDER`. What has a number as its default is a number. @throws on a word that is not known
 */
export function readOptions<Defaults extends Readonly<Record<string, number | string>>>(
  defaults: Defaults,
): Options<Defaults> {
  const flags = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [
      flagOf(name),
      { type: 'string' as const, default: String(value) },
    ]),
  );
  const { values } = parseArgs({
    options: { ...flags, json: { type: 'boolean', default: false }, charts: { type: 'string', default: '' } },
  });
  const given: Readonly<Record<string, string | boolean | undefined>> = values;
  const read = Object.entries(defaults).map(([name, value]) => {
    const text = given[flagOf(name)];
    return [name, typeof value === 'number' ? numberOf(flagOf(name), text) : text] as const;
  });
  return {
    ...Object.fromEntries(read),
    json: given['json'] === true,
    charts: String(given['charts'] ?? ''),
  } as Options<Defaults>;
}

function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function numberOf(flag: string, text: string | boolean | undefined): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new Error(`--${flag} wants a number, and was given ${String(text)}`);
}
