import { parseArgs } from 'node:util';

/** Numbers that the command line may change, `--size-mb 100` for `sizeMb`, and `--json`. @throws on a word that is not known */
export function readOptions<Numbers extends Readonly<Record<string, number>>>(
  defaults: Numbers,
): { readonly [Name in keyof Numbers]: number } & { readonly json: boolean } {
  const flags = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [
      flagOf(name),
      { type: 'string' as const, default: String(value) },
    ]),
  );
  const { values } = parseArgs({ options: { ...flags, json: { type: 'boolean', default: false } } });
  const given: Readonly<Record<string, string | boolean | undefined>> = values;
  const numbers = Object.keys(defaults).map((name) => [name, numberOf(flagOf(name), given[flagOf(name)])] as const);
  return { ...(Object.fromEntries(numbers) as { [Name in keyof Numbers]: number }), json: given['json'] === true };
}

function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function numberOf(flag: string, text: string | boolean | undefined): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new Error(`--${flag} wants a number, and was given ${String(text)}`);
}
