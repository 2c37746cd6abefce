import { BerthError } from '@berth/domain';
import { DatabaseError } from 'pg';
import { translateError } from './translate-error.js';

function serverError(code: string, message: string, more: Partial<DatabaseError> = {}): DatabaseError {
  return Object.assign(new DatabaseError(message, message.length, 'error'), { code, severity: 'ERROR', ...more });
}

function socketError(code: string): Error {
  return Object.assign(new Error(`connect ${code} 127.0.0.1:5432`), { code });
}

it.each([
  ['08006', 'database-unavailable', 'backoff'],
  ['57P01', 'database-unavailable', 'backoff'],
  ['57P03', 'database-unavailable', 'backoff'],
  ['55P03', 'lock-timeout', 'wait'],
  ['40P01', 'lock-timeout', 'backoff'],
  ['40001', 'lock-timeout', 'backoff'],
  ['53100', 'disk-full', 'never'],
  ['53300', 'cluster-busy', 'backoff'],
  ['53200', 'cluster-busy', 'backoff'],
  ['42501', 'cluster-rights', 'never'],
  ['28P01', 'cluster-rights', 'never'],
  ['57014', 'database-error', 'backoff'],
  ['42P01', 'database-error', 'never'],
])('translates SQLSTATE %s to %s', (state, code, retry) => {
  expect(translateError(serverError(state, 'what the server said'))).toMatchObject({
    code,
    retry,
    details: { sqlState: state },
  });
});

it.each([
  ['53300', 'number of requested standby connections exceeds "max_wal_senders" (currently 6)', undefined],
  ['53400', 'all replication slots are in use', 'Free one or increase "max_replication_slots".'],
])('says of SQLSTATE %s (%s) what moves have used up, and how to get it back', (state, message, hint) => {
  expect(translateError(serverError(state, message, { hint }))).toMatchObject({
    code: 'cluster-busy',
    retry: 'backoff',
    hint: expect.stringMatching(/^Complete the moves that have switched.*or raise max_\w+\.$/) as string,
  });
});

it.each([
  [socketError('ECONNREFUSED'), false, 'cluster-unreachable'],
  [socketError('ECONNRESET'), false, 'database-unavailable'],
  [socketError('ENOTFOUND'), true, 'cluster-unreachable'],
  [new AggregateError([socketError('ECONNREFUSED'), socketError('ECONNREFUSED')]), true, 'cluster-unreachable'],
  [new Error('Connection terminated unexpectedly'), false, 'database-unavailable'],
  [new Error('timeout exceeded when trying to connect'), true, 'cluster-busy'],
  [serverError('57P03', 'the database system is starting up'), true, 'cluster-unreachable'],
  [new TypeError('a mistake in the code'), false, 'database-error'],
])('translates %s (connecting: %s) to %s', (error, connecting, code) => {
  expect(translateError(error, { clusterId: 'shared-1', connecting })).toMatchObject({
    code,
    details: { clusterId: 'shared-1' },
  });
});

it('leaves an error of Berth as it is', () => {
  const error = new BerthError('lease-lost', 'gone');
  expect(translateError(error)).toBe(error);
});

it.each([
  ['a value', serverError('22P02', 'invalid input syntax for type integer: "hunter2"')],
  [
    'a row',
    serverError('23505', 'duplicate key value violates unique constraint', { detail: 'Key (email)=(hunter2) exists.' }),
  ],
  [
    'a context',
    serverError('42601', 'syntax error', { where: 'SQL statement "SELECT hunter2"', internalQuery: 'hunter2' }),
  ],
  ['a verifier', serverError('42601', "syntax error near PASSWORD 'SCRAM-SHA-256$4096:hunter2$a:b'")],
  ['a URL', new Error('cannot connect to postgresql://user:hunter2@host/db')],
])('shows nothing of %s', (_what, error) => {
  const translated = translateError(error);
  const shown = JSON.stringify(
    [translated, translated.message, translated.cause],
    [...Object.getOwnPropertyNames(translated), ...Object.getOwnPropertyNames(translated.cause)],
  );
  expect(shown).not.toContain('hunter2');
  expect(String((translated.cause as Error).stack)).not.toContain('hunter2');
});
