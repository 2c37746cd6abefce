import type { Schemas } from '../api/client.js';
import { duration } from '../terminal/duration.js';

export interface Trouble {
  /** Null: nothing is wrong. */
  readonly wrong: string | null;
  /** What to type, each with the words before it. */
  readonly type: readonly { readonly to: string; readonly command: string }[];
  readonly hint: string | null;
}

/** The move of the tenant that is not completed. */
export type OpenMove = Pick<Schemas['Move'], 'id' | 'state' | 'strategy'>;

/** What keeps a tenant from being as it should be, and the commands that bring it there. */
export function whatIsWrong(tenant: Schemas['TenantDetail'], now: Date, openMove: OpenMove | null = null): Trouble {
  const { lastOperation, reason } = tenant;
  const cause = lastOperation === null ? null : causeOf(lastOperation, now);
  return {
    wrong: causeFirst(reason, cause),
    type: [...commandsFor(lastOperation), ...waysOn(openMove)],
    hint: cause === null ? null : (lastOperation?.error?.hint ?? null),
  };
}

/** The cause first: a reason such as "it was not provisioned" alone tells nobody why. */
function causeFirst(reason: string | null, cause: string | null): string | null {
  if (cause === null) return reason;
  return reason === null || reason.includes(cause) ? (reason ?? cause) : `${cause} ${reason}`;
}

/** Why the newest operation did not end well, or does not go on; null when there is nothing to tell. */
function causeOf({ kind, state, reason, error, nextAttemptAt }: Schemas['Operation'], now: Date): string | null {
  // The tenant's own reason says it: it waits for a word, and nothing is wrong.
  if (isOnTrial({ kind, state, error })) return null;
  switch (state) {
    case 'needs-operator':
    case 'failed':
      return error?.message ?? reason;
    case 'waiting':
    case 'undoing':
    case 'queued': {
      const why = reason ?? error?.message ?? null;
      if (why === null) return null;
      const again = nextAttemptAt === null ? 0 : Date.parse(nextAttemptAt) - now.getTime();
      return `${kind} ${state === 'undoing' ? 'goes back' : 'waits'}: ${why}${again > 0 ? ` It tries again by itself in ${duration(again)}.` : ''}`;
    }
    case 'running':
    case 'succeeded':
    case 'cancelled':
      return null;
  }
}

function isOnTrial({ kind, state, error }: Pick<Schemas['Operation'], 'kind' | 'state' | 'error'>): boolean {
  return kind === 'adopt-tenant' && state === 'waiting' && error === null;
}

function commandsFor(operation: Schemas['Operation'] | null): Trouble['type'] {
  if (operation === null) return [];
  const { id, state } = operation;
  if (isOnTrial(operation)) {
    return [
      { to: 'To keep it', command: `berth operations confirm ${id}` },
      { to: 'To go back', command: `berth operations cancel ${id}` },
    ];
  }
  if (state === 'needs-operator') {
    return [
      { to: 'When it is put right', command: `berth operations retry ${id}` },
      { to: 'To give it up', command: `berth operations cancel ${id}` },
    ];
  }
  if (state === 'waiting' || state === 'undoing')
    return [{ to: 'To watch it', command: `berth operations watch ${id}` }];
  return [];
}

/** A move that has switched, or was reversed, holds the place that the tenant left until it is completed. */
function waysOn(move: OpenMove | null): Trouble['type'] {
  const complete = `berth moves complete ${move?.id ?? ''}`;
  if (move?.state === 'reversed') return [{ to: 'To give the place up that it left', command: complete }];
  if (move?.state !== 'switched') return [];
  const back = { to: 'To go back to the old place', command: `berth moves reverse ${move.id}` };
  return [{ to: 'To give the old place up', command: complete }, ...(move.strategy === 'online' ? [back] : [])];
}
