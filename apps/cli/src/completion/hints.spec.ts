import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProgram } from '../program.js';

const project = fileURLToPath(new URL('../../../../', import.meta.url));

function sources(folder: string): readonly string[] {
  return readdirSync(path.join(project, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/node_modules|dist|generated/.test(file))
    .map((file) => readFileSync(path.join(project, folder, file), 'utf8'));
}

describe('commands that hints tell people to type', () => {
  it('exist', () => {
    const program = createProgram('0');
    const groups = program.commands.filter(({ commands }) => commands.length > 0);
    const known = new Set(
      groups.flatMap((group) =>
        [group.name(), ...group.aliases()].flatMap((name) =>
          group.commands.flatMap((command) => [command.name(), ...command.aliases()].map((verb) => `${name} ${verb}`)),
        ),
      ),
    );
    const names = groups.flatMap((group) => [group.name(), ...group.aliases()]).join('|');
    const told = ['apps', 'libs']
      .flatMap(sources)
      .flatMap((text) => [...text.matchAll(new RegExp(`\\bberth ((?:${names}) [a-z-]+)`, 'g'))]);
    const wanted = new Set(told.flatMap(([, words]) => (words === undefined ? [] : [words])));
    expect(wanted.size).toBeGreaterThan(10);
    expect([...wanted].filter((words) => !known.has(words))).toEqual([]);
  });
});
