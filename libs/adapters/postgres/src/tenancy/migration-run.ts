import type { EventEmitter } from 'node:events';
import { BerthError, type ErrorCode, type Place } from '@berth/domain';
import {
  type ClusterConnections,
  type Connection,
  safeMessage,
  sqlStateOf,
  translateError,
} from '../connection/index.js';
import type { MigrationFile } from './migration-file.js';
import { lineOfPosition } from './sql-statements.js';

/** Failures of the server, not of the file: the operation tries again, or a person makes room. */
const notTheFile: ReadonlySet<ErrorCode> = new Set([
  'lock-timeout',
  'database-unavailable',
  'cluster-unreachable',
  'cluster-busy',
  'disk-full',
]);

/**
 * Runs the text in one message. An abort cancels the statement on the server.
 *
 * @throws BerthError `migration-failed` with version, file, line and the server's message; `cancelled`; or what the server lacks
 */
export async function runMigrationText(
  client: Connection,
  connections: ClusterConnections,
  place: Place,
  file: MigrationFile,
  signal: AbortSignal,
): Promise<void> {
  if (file.statements.length === 0) return;
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const cancel = (): void => {
    void connections
      .withClient(place.clusterId, place.database, (other) =>
        other.query('SELECT pg_cancel_backend($1)', [rows[0]?.pid]),
      )
      .catch(() => undefined);
  };
  const completed = countCompleted(client);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    if (signal.aborted) throw new BerthError('cancelled', 'The migrations were cancelled.');
    await client.query(file.text);
  } catch (error) {
    if (signal.aborted)
      throw new BerthError('cancelled', 'The migrations were cancelled.', { cause: translateError(error) });
    throw migrationError(error, place, file, completed.stop());
  } finally {
    completed.stop();
    signal.removeEventListener('abort', cancel);
  }
}

/**
 * How many statements of a message were completed: that is the only way to tell which one failed when the server names no
 * position (a broken constraint, a division by zero). The library has no public event for it.
 */
function countCompleted(client: Connection): { stop(): number } {
  const { connection } = client as unknown as { readonly connection: EventEmitter };
  let count = 0;
  const one = (): void => void (count += 1);
  connection.on('commandComplete', one);
  return {
    stop: () => {
      connection.off('commandComplete', one);
      return count;
    },
  };
}

function migrationError(thrown: unknown, place: Place, file: MigrationFile, completed: number): BerthError {
  const translated = translateError(thrown, { clusterId: place.clusterId });
  if (notTheFile.has(translated.code)) return translated;
  const line = lineOf(thrown, file, completed);
  const where = line === undefined ? '' : ` in line ${line}`;
  const state = sqlStateOf(thrown);
  const message = `Migration ${file.version} failed${where}: ${safeMessage(thrown)}${state === undefined ? '' : ` (${state})`}`;
  return new BerthError('migration-failed', message, {
    cause: translated,
    hint: `Correct ${file.file}, then retry the operation.`,
    details: { version: file.version, file: file.file, line: line ?? null, sqlState: state ?? null },
  });
}

function lineOf(thrown: unknown, file: MigrationFile, completed: number): number | undefined {
  const position = thrown instanceof Error && 'position' in thrown ? Number(thrown.position) : Number.NaN;
  // A statement sent alone starts at its own line.
  const offset = file.transactional ? 0 : (file.statements[0]?.line ?? 1) - 1;
  if (Number.isInteger(position) && position > 0) return lineOfPosition(file.text, position) + offset;
  return file.statements[completed]?.line;
}
