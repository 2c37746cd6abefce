import { execFile } from 'node:child_process';
import { mkdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { asBerthError, type Finding, type Place } from '@berth/domain';
import type { CopyPace } from '@berth/ports';
import { schemaOid } from '../comparison/definitions.js';
import { type ClusterConnections, type Connection, serverMajor } from '../connection/index.js';
import { estimatedTime } from './estimated-time.js';
import { granteesQuery, neededExtensionsQuery, questions } from './preflight-queries.js';

export interface PreflightOptions {
  readonly dumpsFolder: string;
  readonly programsFor: (postgresMajor: number) => Promise<string>;
}

interface DatabaseFacts {
  readonly major: number;
  /** Of the major version. */
  readonly minor: number;
  readonly encoding: string;
  readonly collate: string;
}

interface SourceFacts extends DatabaseFacts {
  readonly findings: readonly Finding[];
  readonly bytes: number;
  readonly extensions: readonly { readonly name: string; readonly schema: string; readonly version: string }[];
  readonly grantees: readonly string[];
}

type Target = { readonly clusterId: string; readonly database: string };

/** Looks at both ends and at the disk between, and tells everything at once. */
export async function copyPreflight(
  connections: ClusterConnections,
  source: Place,
  /** Null: the target is still to be made, so there is nothing of it to look at. */
  target: Target | null,
  options: PreflightOptions,
  /** Null: no online copy, whose time is asked for. */
  pace: CopyPace | null = null,
): Promise<readonly Finding[]> {
  const readOnly = { readOnly: true, isolation: 'repeatable read' } as const;
  const facts = await connections.withTransaction(
    source.clusterId,
    source.database,
    (client) => readSource(client, source, pace),
    readOnly,
  );
  const onTarget =
    target === null
      ? { major: facts.major, findings: [] }
      : await connections.withTransaction(
          target.clusterId,
          target.database,
          (client) => compareWithTarget(client, source, target, facts),
          readOnly,
        );
  const programs = await Promise.all(
    [...new Set([facts.major, onTarget.major])].map((major) => checkPrograms(major, options)),
  );
  return [
    ...facts.findings,
    ...onTarget.findings,
    ...programs.flat(),
    ...(await checkAge(facts, options)),
    ...(await checkRoom(facts.bytes, options.dumpsFolder)),
  ];
}

async function readSource(client: Connection, source: Place, pace: CopyPace | null): Promise<SourceFacts> {
  const oid = await schemaOid(client, source);
  const findings: Finding[] = [];
  for (const { code, severity, sql, message, remedy } of questions) {
    const wanted = [oid, source.ownerRole, Object.values(source.loginRoles)];
    // A statement may bind no more parameters than it names.
    const used = wanted.filter((_, index) => sql.includes(`$${String(index + 1)}`));
    const { rows } = await client.query<{ object: string; detail: string | null }>(renumbered(sql), used);
    findings.push(...rows.map((row) => ({ code, severity, object: row.object, message: message(row), remedy })));
  }
  const { rows: sizes } = await client.query<{ bytes: number; tables: number }>(
    `SELECT coalesce(sum(pg_table_size(oid)), 0)::float8 AS bytes, count(*)::int AS tables FROM pg_class
     WHERE relnamespace = $1::oid AND relkind IN ('r', 'm')`,
    [oid],
  );
  const bytes = sizes[0]?.bytes ?? 0;
  const time = pace === null ? '' : ` ${estimatedTime(bytes, pace)}`;
  findings.push(
    info(
      'estimated-size',
      `schema ${source.schema}`,
      `${String(sizes[0]?.tables ?? 0)} tables, ${inMegabytes(bytes)} without indexes.${time}`,
    ),
  );
  const { rows: extensions } = await client.query<SourceFacts['extensions'][number]>(neededExtensionsQuery, [oid]);
  const { rows: grantees } = await client.query<{ name: string }>(granteesQuery, [oid]);
  return { ...(await databaseFacts(client)), findings, bytes, extensions, grantees: grantees.map(({ name }) => name) };
}

/** Parameters of a question by the order in which they first stand in its list: $1, $3 become $1, $2. */
function renumbered(sql: string): string {
  const used = [1, 2, 3].filter((number) => sql.includes(`$${String(number)}`));
  return sql.replace(/\$(\d)/g, (_, number: string) => `$${String(used.indexOf(Number(number)) + 1)}`);
}

async function databaseFacts(client: Connection): Promise<DatabaseFacts> {
  const { rows } = await client.query<Omit<DatabaseFacts, 'major'>>(
    `SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS collate, current_setting('server_version_num')::int % 10000 AS minor
     FROM pg_database WHERE datname = current_database()`,
  );
  return { major: await serverMajor(client), ...(rows[0] ?? { encoding: '', collate: '', minor: 0 }) };
}

async function compareWithTarget(
  client: Connection,
  source: Place,
  target: Target,
  facts: SourceFacts,
): Promise<{ readonly major: number; readonly findings: readonly Finding[] }> {
  const there = await databaseFacts(client);
  const object = `cluster ${target.clusterId}`;
  const findings: Finding[] = [];
  if (there.major < facts.major) {
    findings.push(
      error(
        'target-older',
        object,
        `It runs PostgreSQL ${String(there.major)}, the source ${String(facts.major)}; a dump does not go back.`,
        'Choose a target of the same version or a newer one.',
      ),
    );
  }
  if (there.encoding !== facts.encoding) {
    findings.push(
      error(
        'encoding-differs',
        object,
        `Its database is encoded in ${there.encoding}, the source in ${facts.encoding}.`,
        `Make the target's database with ENCODING '${facts.encoding}'.`,
      ),
    );
  }
  if (there.collate !== facts.collate) {
    findings.push({
      code: 'collation-differs',
      severity: 'warning',
      object,
      message: `It sorts text by ${there.collate}, the source by ${facts.collate}: ORDER BY may answer in another order.`,
      remedy: null,
    });
  }
  findings.push(
    ...(await missingExtensions(client, object, facts)),
    ...(await missingGrantees(client, object, source, facts)),
  );
  return { major: there.major, findings };
}

async function missingExtensions(client: Connection, object: string, facts: SourceFacts): Promise<readonly Finding[]> {
  const { rows } = await client.query<{ name: string; schema: string | null }>(
    `SELECT w.name, n.nspname AS schema FROM unnest($1::text[]) AS w (name)
     LEFT JOIN pg_extension e ON e.extname = w.name LEFT JOIN pg_namespace n ON n.oid = e.extnamespace`,
    [facts.extensions.map(({ name }) => name)],
  );
  const there = new Map(rows.map(({ name, schema }) => [name, schema]));
  return facts.extensions.flatMap(({ name, schema }) => {
    const found = there.get(name) ?? null;
    if (found === schema) return [];
    const message =
      found === null
        ? `It lacks the extension ${name}, which the tenant uses.`
        : `It has the extension ${name} in the schema ${found}, the source in ${schema}.`;
    return [
      error('extension-missing', object, message, `As its administrator: CREATE EXTENSION ${name} SCHEMA ${schema};`),
    ];
  });
}

/** The tenant's own roles are made with the place; all others must be there. */
async function missingGrantees(
  client: Connection,
  object: string,
  source: Place,
  facts: SourceFacts,
): Promise<readonly Finding[]> {
  const own = [source.ownerRole, ...Object.values(source.loginRoles)];
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS w (name) WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)`,
    [facts.grantees.filter((name) => !own.includes(name))],
  );
  return rows.map(({ name }) =>
    error(
      'grantee-missing',
      object,
      `It has no role ${name}, which holds rights in the tenant's schema.`,
      `CREATE ROLE ${name}; or revoke what it holds.`,
    ),
  );
}

async function checkPrograms(major: number, { programsFor }: PreflightOptions): Promise<readonly Finding[]> {
  try {
    await programsFor(major);
    return [];
  } catch (thrown) {
    const { message, hint } = asBerthError(thrown);
    return [error('postgres-programs-missing', `pg_dump and pg_restore ${String(major)}`, message, hint ?? null)];
  }
}

/**
 * A server may keep what only programs of its own minor version know to leave out: since 15.20 a stamp among the options of each
 * column, which an older pg_dump writes down as if it were the tenant's, and a target without it refuses.
 */
async function checkAge(
  { major, minor }: DatabaseFacts,
  { programsFor }: PreflightOptions,
): Promise<readonly Finding[]> {
  const folder = await programsFor(major).catch(() => undefined);
  if (folder === undefined) return []; // Told by `checkPrograms`.
  const asking = promisify(execFile)(path.join(folder, 'pg_dump'), ['--version'], { timeout: 5_000 });
  const stdout = await asking.then((answer) => answer.stdout).catch(() => '');
  const its = Number(new RegExp(String.raw`\b${String(major)}\.(\d+)`).exec(stdout)?.[1] ?? minor);
  if (its >= minor) return [];
  return [
    {
      code: 'programs-older',
      severity: 'warning',
      object: `pg_dump ${String(major)}`,
      message: `It is of version ${String(major)}.${String(its)}, its server of ${String(major)}.${String(minor)}: the target may refuse what it writes.`,
      remedy: 'Update the PostgreSQL client programs beside the worker.',
    },
  ];
}

/** A dump is about as large as the tables; a folder that cannot hold it would fail at the end of the write pause. */
async function checkRoom(bytes: number, dumpsFolder: string): Promise<readonly Finding[]> {
  await mkdir(dumpsFolder, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(dumpsFolder);
  const free = bavail * bsize;
  if (free > bytes) return [info('dump-room', 'dump folder', `${inMegabytes(free)} are free.`)];
  return [
    error(
      'dump-room',
      'dump folder',
      `${inMegabytes(free)} are free, and the dump may take ${inMegabytes(bytes)}.`,
      'Free space there, or choose another folder for dumps.',
    ),
  ];
}

function error(code: string, object: string, message: string, remedy: string | null): Finding {
  return { code, severity: 'error', object, message, remedy };
}

function info(code: string, object: string, message: string): Finding {
  return { code, severity: 'info', object, message, remedy: null };
}

function inMegabytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1e6))} MB`;
}
