import { lineOfPosition, splitStatements } from './sql-statements.js';

const texts = (sql: string): readonly string[] => splitStatements(sql, 'x.sql').map(({ text }) => text);

it.each<[string, string, readonly string[]]>([
  ['nothing', ' \n-- only a comment\n/* and another */ ;;\n', []],
  ['two statements', 'SELECT 1; SELECT 2', ['SELECT 1', 'SELECT 2']],
  ['a semicolon in a string', `SELECT 'a;b''c;'; SELECT 2;`, [`SELECT 'a;b''c;'`, 'SELECT 2']],
  ['an escaped quote in an E string', `SELECT E'a\\';b'; SELECT 2`, [`SELECT E'a\\';b'`, 'SELECT 2']],
  ['a backslash in a plain string', `SELECT 'a\\'; SELECT 2`, [`SELECT 'a\\'`, 'SELECT 2']],
  ['a name in quotes', 'SELECT 1 AS "a;""b"; SELECT 2', ['SELECT 1 AS "a;""b"', 'SELECT 2']],
  [
    'dollar quotes',
    'DO $$ BEGIN; END $$; DO $a$ $$;$b$ $a$; SELECT 2',
    ['DO $$ BEGIN; END $$', 'DO $a$ $$;$b$ $a$', 'SELECT 2'],
  ],
  ['a dollar inside a name', 'SELECT a$b$c; SELECT d$b$e', ['SELECT a$b$c', 'SELECT d$b$e']],
  ['a parameter-like dollar', 'SELECT $1; SELECT $1', ['SELECT $1', 'SELECT $1']],
  ['nested comments', 'SELECT /* a /* b; */ c; */ 1; SELECT 2', ['SELECT /* a /* b; */ c; */ 1', 'SELECT 2']],
  [
    'a rule in parentheses',
    'CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3',
    ['CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)', 'SELECT 3'],
  ],
  [
    'the body of a function',
    'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3',
    [
      'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END',
      'SELECT 3',
    ],
  ],
])('splits %s', (_what, sql, expected) => {
  expect(texts(sql)).toEqual(expected);
});

it('knows the line and the first words of a statement', () => {
  const [first, second] = splitStatements(
    '\n-- one\nSELECT 1;\n/* two */\n\n  Create /* x */ TABLE t (id int)',
    'x.sql',
  );
  expect(first).toMatchObject({ line: 3, words: ['select'] });
  expect(second).toMatchObject({ line: 6, words: ['create', 'table', 't', 'id', 'int'] });
});

it('refuses a command of psql, with its line', () => {
  expect(() => splitStatements("SELECT '\\i';\n-- \\i\n  \\i other.sql", 'x.sql')).toThrow(
    'x.sql, line 3: \\i is a command of psql',
  );
});

it('counts lines as the server counts characters', () => {
  expect(lineOfPosition('🚢🚢\nSELECT', 4)).toBe(2);
  expect(lineOfPosition('🚢🚢\nSELECT', 3)).toBe(1);
});
