import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { readMigrationFiles } from './migration-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'berth-migration-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

const put = (name: string | Buffer, content: string | Buffer = 'SELECT 1;') =>
  writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name as string)]), content);

it.each([
  ['bytes that are no UTF-8 in its name', () => put(Buffer.from([0xfc, 0x2e, 0x73, 0x71, 0x6c])), 'cannot be shown'],
  ['a line break in its name', () => put('001\n.sql'), 'cannot be shown'],
  ['a mark that turns the text around in its name', () => put('001\u202elqs.sql'), 'cannot be shown'],
  ['bytes that are no UTF-8', () => put('001.sql', Buffer.from([0x27, 0xfc, 0x27])), '001.sql is not UTF-8'],
  ['a NUL character', () => put('001.sql', "SELECT 'a\0b'"), '001.sql holds a NUL character'],
  ['no content but files', () => mkdir(path.join(folder, '001.sql')), '001.sql cannot be read'],
])('refuses a file with %s by name', async (_what, make, message) => {
  await put('000.sql');
  await make();
  await expect(readMigrationFiles(folder)).rejects.toMatchObject({
    code: 'config-invalid',
    message: expect.stringContaining(message),
  });
});

it('leaves out the byte order mark that some editors write', async () => {
  await put('001.sql', '\uFEFFSELECT 1;');
  expect((await readMigrationFiles(folder))[0]?.text).toBe('SELECT 1;');
});

const awkward = fc.constantFrom(
  '..',
  '-rf',
  '~',
  '*',
  '$(x)',
  '`x`',
  "'",
  '"',
  '\\',
  '\n',
  '\u202e',
  'é',
  '🚢',
  ' ',
  '%2e',
  ';',
  '--',
  'ß',
);
const names = fc
  .array(fc.oneof(awkward, fc.string({ unit: 'binary', maxLength: 4 })), { minLength: 1, maxLength: 8 })
  .map((pieces) => pieces.join('').replaceAll(/[/\0]/g, ''))
  .filter((name) => name !== '' && !name.startsWith('.') && Buffer.byteLength(name) < 200);

it('of 10,000 hostile names takes each as it is, or refuses it by name', async () => {
  await fc.assert(
    fc.asyncProperty(names, async (name) => {
      await put(`${name}.sql`);
      const read = await readMigrationFiles(folder).catch((error: unknown) => error);
      await rm(path.join(folder, `${name}.sql`));
      if (Array.isArray(read)) expect(read).toMatchObject([{ version: name, file: `${name}.sql` }]);
      else expect(read).toMatchObject({ code: 'config-invalid', details: { file: `${name}.sql` } });
    }),
    { numRuns: 10_000 },
  );
});
