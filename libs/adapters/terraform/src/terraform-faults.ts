import { BerthError, errorCodes, type ErrorCode } from '@berth/domain';
import { awsFault } from './aws-faults.js';
import { lockHolder, type StateServer } from './state-server.js';
import type { TerraformResult } from './terraform-runner.js';

export interface FailedRun {
  readonly clusterId: string;
  readonly verb: string;
  readonly result: TerraformResult;
  readonly stateServer: StateServer;
  /** Never to be shown, wherever Terraform may have quoted them. */
  readonly secrets: readonly string[];
}

const longestText = 1_500;

/**
 * Another instance's workspace is being made at this moment, and the backend refuses instead of waiting; or two first runs
 * make the state's schema at once, which PostgreSQL lets only one of them do.
 */
export function isCreationRace(result: TerraformResult): boolean {
  return /Already locked for workspace creation|duplicate key value violates unique constraint "pg_/.test(
    textOf(result),
  );
}

export async function faultOf(run: FailedRun): Promise<BerthError> {
  const { clusterId, verb, result, stateServer } = run;
  const text = redacted(textOf(result), run.secrets);
  if (/Error acquiring the state lock|already locked/i.test(text)) return locked(clusterId, stateServer);
  const own = ownFault(text);
  if (own !== null) return own;
  const aws = awsFault(cut(text), clusterId);
  if (aws !== null) return aws;
  if (/connection refused|no such host|pq: |dial tcp|connection reset/i.test(text)) {
    return new BerthError(
      'infrastructure-failed',
      `Terraform cannot use the database that holds its state: ${cut(text)}`,
      {
        hint: 'See that the server of the catalog runs and accepts the login; it will be tried again.',
      },
    );
  }
  return new BerthError('infrastructure-failed', `terraform ${verb} of ${clusterId} failed: ${cut(text)}`, {
    details: { clusterId, verb, exitCode: result.code },
  });
}

async function locked(clusterId: string, stateServer: StateServer): Promise<BerthError> {
  const holder = await lockHolder(stateServer, clusterId);
  if (holder === null) {
    return new BerthError('infrastructure-locked', `Another Terraform held the state of ${clusterId} a moment ago.`, {
      hint: 'Nothing to do: it is tried again.',
      details: { clusterId },
    });
  }
  const { session, address, since } = holder;
  return new BerthError(
    'infrastructure-locked',
    `Another Terraform works on ${clusterId}: session ${String(session)} from ${address}, since ${since.toISOString()}.`,
    {
      hint:
        'Its lock goes when it ends, and this is tried again. If its machine is dead, end the session in the state’s ' +
        `database: SELECT pg_terminate_backend(${String(session)})`,
      details: { clusterId, session, address, since: since.toISOString() },
    },
  );
}

/** What our own program said, when it was that which failed: its one line of JSON stands in the diagnostic's detail. */
function ownFault(text: string): BerthError | null {
  const line = text.split('\n').find((one) => one.includes('{"ok":false'));
  if (line === undefined) return null;
  try {
    const { code, message, hint } = JSON.parse(line.slice(line.indexOf('{"ok":false'))) as Record<string, unknown>;
    if (typeof message !== 'string') return null;
    const kept: ErrorCode = code === 'postgres-programs-missing' ? code : 'infrastructure-failed';
    return new BerthError(kept, message, {
      retry: errorCodes[kept],
      ...(typeof hint === 'string' ? { hint } : {}),
    });
  } catch {
    return null;
  }
}

function textOf(result: TerraformResult): string {
  const faults = result.faults.map(({ summary, detail }) => (detail === '' ? summary : `${summary}\n${detail}`));
  const text = faults.length > 0 ? faults.join('\n') : result.stderr.trim() || result.stdout.trim();
  return text === '' ? `it ended with the exit code ${String(result.code)}` : text;
}

function redacted(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .reduce((shown, secret) => shown.replaceAll(secret, '[redacted]'), text);
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}
