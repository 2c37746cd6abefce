import type { AttemptName } from '@berth/domain';
import { quoteIdent, quoteLiteral, quoteQualified } from '../connection/index.js';
import type { Pair } from './pair.js';
import type { Candidate } from './pair-facts.sql.js';
import { sqlStates, type Try } from './tries.js';

/** A name that nobody uses: to look for it needs the right to look, and finds nothing. */
const nothing = 'berth_isolation_no_such_name';

const { noTable, noSchema, noRole, noObject, noFunction, notUpdatable, readOnly, wrongKind } = sqlStates;
/** Somebody dropped it meanwhile, or there is none: then there is nothing to be reached. */
const absent = [noTable, noSchema];

/** The statements of each attempt. None of them changes anything that outlives its transaction, and none runs what others wrote. */
export function pairTries(pair: Pair): readonly (readonly [AttemptName, readonly Try[]])[] {
  const { facts, other, session } = pair;
  const roles = facts.roles.map((role) => quoteIdent(role));
  return [
    ['qualified-name', lookUps(pair)],
    ['search-path', searches(pair)],
    [
      'select',
      some(pair, facts.select).map((one) => ({
        sql: `SELECT 1 FROM ${nameOf(one)} LIMIT 1`,
        role: one.role,
        readOnly: true,
        means: `read ${nameOf(one)}`,
        reachedBy: [readOnly],
        refusedBy: [...absent, notUpdatable],
      })),
    ],
    // EXPLAIN asks for the same rights as the statement itself, and runs nothing: no trigger, and no sequence loses a number.
    [
      'insert',
      some(pair, facts.insert).map((one) => write(one, 'insert into', `INSERT INTO ${nameOf(one)} DEFAULT VALUES`)),
    ],
    ['update', updates(pair)],
    ['delete', some(pair, facts.delete).map((one) => write(one, 'delete from', `DELETE FROM ${nameOf(one)}`))],
    ['create', creations(pair)],
    ['alter', alterations(pair)],
    ['sequence', sequences(pair)],
    ['function', routines(pair)],
    [
      'security-definer',
      facts.definer.map((one) => ({
        sql: `SELECT ${quoteLiteral(`${nameOf(one)}(${one.arguments})`)}::regprocedure`,
        role: one.role,
        means: `call ${nameOf(one)}(${one.arguments}), which runs as ${one.owner}`,
        refusedBy: [noFunction, noSchema],
      })),
    ],
    ['large-object', largeObjects(pair)],
    ['statistics', statistics(pair)],
    ['set-role', roles.map((role) => become(`SET LOCAL ROLE ${role}`, role))],
    ['session-authorization', roles.map((role) => become(`SET LOCAL SESSION AUTHORIZATION ${role}`, role))],
    [
      'grant-role',
      session.roles.map((role) => ({
        sql: `GRANT ${quoteIdent(other.ownerRole)} TO ${quoteIdent(session.identity.session)}`,
        role,
        means: `grant itself ${quoteIdent(other.ownerRole)}`,
        refusedBy: [noObject],
      })),
    ],
    [
      'default-privileges',
      session.roles.map((role) => ({
        sql: `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdent(other.ownerRole)} GRANT SELECT ON TABLES TO ${quoteIdent(session.identity.session)}`,
        role,
        means: `grant itself what ${quoteIdent(other.ownerRole)} makes later`,
        refusedBy: [noObject],
      })),
    ],
    ['foreign-server', waysBack(pair)],
  ];
}

function nameOf({ schema, name }: Candidate): string {
  return quoteQualified(schema, name);
}

/** Where the other has nothing of the kind, its schema has to refuse all the same. */
function some<C extends Candidate>({ session, other }: Pair, candidates: readonly C[]): readonly (C | Candidate)[] {
  if (candidates.length > 0) return candidates;
  return session.roles.map((role) => ({ role, schema: other.schema, name: nothing }));
}

function write({ role, ...one }: Candidate, does: string, statement: string): Try {
  const means = `${does} ${quoteQualified(one.schema, one.name)}`;
  return { sql: `EXPLAIN ${statement}`, role, means, refusedBy: [...absent, notUpdatable, wrongKind] };
}

function become(sql: string, role: string): Try {
  return { sql, means: `become ${role}`, refusedBy: [noRole, noObject] };
}

/** A type, not a table: of a schema that went meanwhile it says that the schema is not there, and not that the table is not. */
function lookUps({ session, other }: Pair): readonly Try[] {
  return session.roles.map((role) => ({
    sql: `SELECT NULL::${quoteQualified(other.schema, nothing)}`,
    role,
    means: `look names up in schema ${quoteIdent(other.schema)}`,
    reachedBy: [noObject],
    refusedBy: [noSchema],
  }));
}

function searches(pair: Pair): readonly Try[] {
  return some(pair, pair.facts.select).map(({ role, schema, name }) => ({
    before: `SET LOCAL search_path = ${quoteIdent(schema)}`,
    sql: `SELECT 1 FROM ${quoteIdent(name)} LIMIT 1`,
    role,
    readOnly: true,
    reachedBy: [readOnly],
    means: `read ${quoteIdent(name)} by setting search_path to ${quoteIdent(schema)}`,
    refusedBy: [...absent, notUpdatable],
  }));
}

function updates(pair: Pair): readonly Try[] {
  return some(pair, pair.facts.update).map((one) => {
    const column = 'column' in one && one.column !== null ? one.column : nothing;
    return write(one, 'update', `UPDATE ${nameOf(one)} SET ${quoteIdent(column)} = DEFAULT`);
  });
}

function creations({ facts }: Pair): readonly Try[] {
  return facts.create.map(({ role, schema }) => ({
    sql: `CREATE TABLE ${quoteQualified(schema, nothing)} ()`,
    role,
    means: `create a table in schema ${quoteIdent(schema)}`,
    refusedBy: [noSchema],
  }));
}

/** A comment needs ownership, and its lock is in nobody's way but that of another change of the table. */
function alterations({ facts, other, session }: Pair): readonly Try[] {
  const onSchema = session.roles.map((role) => ({
    sql: `COMMENT ON SCHEMA ${quoteIdent(other.schema)} IS 'berth'`,
    role,
    means: `change schema ${quoteIdent(other.schema)}`,
    refusedBy: [noSchema],
  }));
  const onTables = facts.alter.map((one) => ({
    sql: `COMMENT ON TABLE ${nameOf(one)} IS 'berth'`,
    role: one.role,
    means: `change ${nameOf(one)}`,
    refusedBy: absent,
  }));
  return [...onSchema, ...onTables];
}

/** nextval is asked for as a right and never called: what it takes, no rollback gives back. */
function sequences(pair: Pair): readonly Try[] {
  return some(pair, pair.facts.sequence).flatMap((one) => {
    const read = {
      sql: `SELECT last_value FROM ${nameOf(one)}`,
      role: one.role,
      means: `read ${nameOf(one)}`,
      refusedBy: absent,
    };
    if (!('advances' in one) || !one.advances) return [read];
    const means = `advance ${nameOf(one)}`;
    return [read, { ...read, sql: `SELECT ${quoteLiteral(nameOf(one))}::regclass`, means }];
  });
}

/** Found by its name and, as the server says, open to be executed: that is all it takes. What it does, nobody here knows. */
function routines(pair: Pair): readonly Try[] {
  return some(pair, pair.facts.function).map((one) => {
    const signature = `${nameOf(one)}(${'arguments' in one ? one.arguments : ''})`;
    const text = quoteLiteral(signature);
    const sql = `SELECT 1 WHERE has_function_privilege(${text}::regprocedure, 'EXECUTE')`;
    return { sql, role: one.role, means: `call ${signature}`, byRows: true, refusedBy: [noFunction, noSchema] };
  });
}

function largeObjects({ facts, session }: Pair): readonly Try[] {
  const objects = facts.largeObjects.flatMap(({ oid, held }) =>
    session.roles.map((role) =>
      held
        ? { sql: 'SELECT 1', role, means: `use large object ${oid}` }
        : { sql: `SELECT lo_get(${oid}, 0, 1)`, role, means: `read large object ${oid}`, refusedBy: [noObject] },
    ),
  );
  const all = session.roles.map((role) => ({
    sql: 'SELECT 1 FROM pg_catalog.pg_largeobject LIMIT 1',
    role,
    means: 'read all large objects',
  }));
  return [...objects, ...all];
}

function statistics({ session, other, facts, doors }: Pair): readonly Try[] {
  return session.roles.flatMap((role) => [
    {
      sql: 'SELECT DISTINCT tablename::text AS what FROM pg_catalog.pg_stats WHERE schemaname = $1 LIMIT 5',
      values: [other.schema],
      role,
      means: `read frequent values of tables in ${quoteIdent(other.schema)}`,
      byRows: true,
    },
    { sql: 'SELECT 1 FROM pg_catalog.pg_statistic LIMIT 1', role, means: 'read the statistics of all tables' },
    ...(doors.statements === null
      ? []
      : [
          {
            sql: `SELECT 1 FROM ${doors.statements} s JOIN pg_catalog.pg_roles r ON r.oid = s.userid
              WHERE r.rolname = ANY ($1) AND s.query <> '<insufficient privilege>' LIMIT 1`,
            values: [facts.roles],
            role,
            means: 'read its statements in pg_stat_statements',
            byRows: true,
          },
        ]),
  ]);
}

/** By whatever login the foreign server has for this one, one row is read from the other's table. */
function waysBack({ doors, facts, own, other }: Pair): readonly Try[] {
  const [aim = { schema: other.schema, name: nothing }] = facts.select;
  const refusedBy = [...absent, noObject, noFunction, notUpdatable, '2F003'];
  const table = quoteQualified(own.schema, nothing);
  const link = doors.links.find(({ proname }) => proname === 'dblink');
  const foreign = doors.servers.flatMap(({ role, name }): readonly Try[] => {
    const means = `read ${quoteQualified(aim.schema, aim.name)} through the foreign server ${quoteIdent(name)}`;
    const options = `schema_name ${quoteLiteral(aim.schema)}, table_name ${quoteLiteral(aim.name)}`;
    const remote = quoteLiteral(`SELECT 1 FROM ${quoteQualified(aim.schema, aim.name)} LIMIT 1`);
    return [
      {
        before: `CREATE FOREIGN TABLE ${table} () SERVER ${quoteIdent(name)} OPTIONS (${options})`,
        sql: `SELECT 1 FROM ${table} LIMIT 1`,
        ...{ role, means, refusedBy: [...refusedBy, wrongKind] },
      },
      ...(link === undefined
        ? []
        : [
            {
              sql: `SELECT 1 FROM ${link.name}(${quoteLiteral(name)}, ${remote}) AS t (x int)`,
              role,
              means,
              refusedBy,
            },
          ]),
    ];
  });
  const unchecked = doors.links
    .filter(({ proname }) => proname === 'dblink_connect_u')
    .map(({ role, name }) => ({ sql: 'SELECT 1', role, means: `connect as anybody by ${name}` }));
  return [...foreign, ...unchecked];
}
