import { type Actor, BerthError, standstillMs } from '@berth/domain';
import type { ClientBase } from 'pg';
import { fenceOff } from './operation-fence.js';
import { asMember } from './owner-membership.js';
import { quoteLiteral } from './quoting.js';

export interface TransactionOptions {
  /** Who changes something: the tenant's fence is raised first, and a stale actor is refused with `lease-lost`. */
  readonly actor?: Actor;
  readonly readOnly?: boolean;
  /** `repeatable read` for several reads of one moment. */
  readonly isolation?: 'read committed' | 'repeatable read';
  /** Roles that the admin is a member of during `fn` alone, above all a tenant's owner role. They must exist. */
  readonly memberOf?: readonly string[];
  /** `fn` ran statements of others: whatever they left in the session is reset before the connection is used again. */
  readonly resetSession?: boolean;
  /**
   * Ends by ROLLBACK instead of COMMIT: for reads that need a membership for their moment. What is not kept need not reach the
   * disk, so the read costs no wait for it.
   */
  readonly discard?: boolean;
  /** How long one lock is waited for; then `lock-timeout`. */
  readonly lockTimeoutMs?: number;
}

const defaultLockTimeoutMs = 5_000;

/** BEGIN, `fn`, COMMIT (or what `options` say) on a connection that the caller holds; ROLLBACK when `fn` throws. */
export async function inTransaction<C extends ClientBase, T>(
  client: C,
  fn: (client: C) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const { actor } = options;
  try {
    await client.query(beginStatement(options));
    if (actor !== undefined) await fenceOff(client, actor);
    const result = await asMember(client, options.memberOf ?? [], () => fn(client));
    const end = options.discard === true ? 'ROLLBACK' : 'COMMIT';
    const { command } = await client.query(end);
    // COMMIT of a transaction that an error broke answers ROLLBACK, without an error.
    if (command !== end)
      throw new BerthError('database-error', 'The transaction was rolled back instead of committed.');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function beginStatement(options: TransactionOptions): string {
  const mode = options.readOnly === true ? 'READ ONLY' : 'READ WRITE';
  const isolation = (options.isolation ?? 'read committed').toUpperCase();
  const settings = [
    `SET LOCAL lock_timeout = ${Math.ceil(options.lockTimeoutMs ?? defaultLockTimeoutMs)}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${standstillMs}`,
  ];
  if (options.actor !== undefined) {
    settings.push(`SET LOCAL application_name = ${quoteLiteral(`berth/${options.actor.operationId}`)}`);
  }
  return [`BEGIN ISOLATION LEVEL ${isolation} ${mode}`, ...settings].join('; ');
}
