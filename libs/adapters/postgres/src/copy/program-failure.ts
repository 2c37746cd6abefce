import { BerthError } from '@berth/domain';
import { tlsFaultOfPrograms } from '../connection/index.js';

const linesShown = 3;

const dumpFolderHint =
  "Free space in the dump folder, or move it to a larger disk (the worker's setting), then start the operation again.";

/**
 * The error of a pg_dump or pg_restore that failed, by what it wrote. Only its own error lines: what follows them (CONTEXT,
 * `Command was:`) quotes rows of the tenant.
 */
export function programFailure(program: string, lines: readonly string[], clusterId: string): BerthError {
  const name = program.split('/').at(-1) ?? program;
  const errors = lines.filter((line) => /\berror:|\bfatal:|\bFATAL:/.test(line)).map(withoutValues);
  const message = errors.slice(0, linesShown).join(' ') || `${name} ended without a word.`;
  const details = { program: name, clusterId };
  if (lines.some((line) => /No space left on device|[Dd]isk quota exceeded/.test(line))) {
    const onServer = lines.some((line) => /ERROR: |PANIC: |FATAL: /.test(line) && /No space left|quota/.test(line));
    return new BerthError(
      'disk-full',
      `${onServer ? `The disk of cluster ${clusterId}` : 'The disk of the dump folder'} is full: ${message}`,
      {
        hint: onServer ? 'Free space on the disk of the server, then start the operation again.' : dumpFolderHint,
        details: { ...details, where: onServer ? 'server' : 'dump-folder' },
      },
    );
  }
  if (lines.some((line) => tlsFaultOfPrograms.test(line)))
    return new BerthError('cluster-tls', `${name} could not reach cluster ${clusterId} by TLS: ${message}`, {
      details,
    });
  const lost = lines.some((line) =>
    /server closed the connection|could not connect|connection to server|terminating connection/.test(line),
  );
  return new BerthError('copy-failed', `${name} failed: ${message}`, {
    details,
    ...(lost ? { retry: 'backoff' as const } : {}),
  });
}

/** `invalid input syntax for type integer: "…"` and its like quote the value last. */
function withoutValues(line: string): string {
  return line
    .replace(/(invalid input (?:syntax|value) [^:]*|out of range[^:]*|value too long[^:]*): .*$/, '$1')
    .replace(/^[^:]*(?:pg_dump|pg_restore): (?:error: )?/, '')
    .trim();
}

/** For our own work on the dump's files. */
export async function translateDisk<T>(fn: () => Promise<T>): Promise<T> {
  try {
    return await fn();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    const details = { where: 'dump-folder' };
    throw new BerthError('disk-full', 'The disk of the dump folder is full.', {
      cause: error,
      hint: dumpFolderHint,
      details,
    });
  }
}
