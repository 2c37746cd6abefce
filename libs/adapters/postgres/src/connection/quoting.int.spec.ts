import { startPostgres, type TestPostgres } from '@berth/testing';
import fc from 'fast-check';
import pg from 'pg';
import { quoteIdent, quoteLiteral } from './quoting.js';

let server: TestPostgres;
let client: pg.Client;

beforeAll(async () => {
  server = await startPostgres();
  client = new pg.Client({ connectionString: server.superuserUrl('postgres') });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

const awkward = fc.constantFrom(
  ...[`'`, `''`, `"`, `\\`, `\\'`, '$$', '--', '/*', ';', '%', '\n', '\r', '\t', '\u2028', '🚢', "E'"],
);
const piece = fc.oneof(
  awkward,
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => text.replaceAll('\0', '')),
);
const texts = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
const names = texts.filter((text) => text !== '' && Buffer.byteLength(text) <= 63);

/** A hundred at once, 4,000 in all. */
const batches = { numRuns: 40 } as const;
const hundred = { minLength: 100, maxLength: 100 } as const;

it.each(['on', 'off'])('every text comes back as it was, with standard_conforming_strings %s', async (setting) => {
  await client.query(`SET standard_conforming_strings = ${setting}; SET escape_string_warning = off`);
  await fc.assert(
    fc.asyncProperty(fc.array(texts, hundred), async (all) => {
      const { rows } = await client.query<{ text: string }>(
        `SELECT text FROM (VALUES ${all.map((text, index) => `(${String(index)}, ${quoteLiteral(text)})`).join(', ')}) AS given (n, text) ORDER BY n`,
      );
      expect(rows.map(({ text }) => text)).toEqual(all);
    }),
    batches,
  );
});

it('every name comes back as it was, as the name of a column', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(names, hundred), async (all) => {
      const { fields } = await client.query(`SELECT ${all.map((name) => `1 AS ${quoteIdent(name)}`).join(', ')}`);
      expect(fields.map(({ name }) => name)).toEqual(all);
    }),
    batches,
  );
});

it('every name is the name of a schema and a role that can be made, found and dropped', async () => {
  await fc.assert(
    fc.asyncProperty(
      names.filter((name) => !name.startsWith('pg_')),
      async (name) => {
        const quoted = quoteIdent(name);
        await client.query(`BEGIN; CREATE ROLE ${quoted}; CREATE SCHEMA ${quoted}`);
        const { rows } = await client.query(
          'SELECT (SELECT count(*) FROM pg_roles WHERE rolname = $1) + (SELECT count(*) FROM pg_namespace WHERE nspname = $1) AS found',
          [name],
        );
        await client.query('ROLLBACK');
        expect(rows).toEqual([{ found: '2' }]);
      },
    ),
    { numRuns: 200 },
  );
});
