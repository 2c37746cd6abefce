import { BerthError, confirmedKinds, type OperationState } from '@berth/domain';
import { Confirmations } from '@berth/ports';
import type { CatalogDatabase } from './catalog-database.js';
import { atOnce } from './operation-statements.js';

/** One that waits is due at once: else it would sleep out its wait. */
const confirm = /* sql */ `
  UPDATE berth.operations
  SET confirmed_at = coalesce(confirmed_at, now()), revision = revision + 1,
    next_attempt_at = CASE state WHEN 'waiting' THEN ${atOnce} ELSE next_attempt_at END
  WHERE id = $1 AND kind = ANY ($2::text[]) AND direction = 'forward' AND cancel_requested_at IS NULL
    AND state IN ('queued', 'running', 'waiting', 'needs-operator')
  RETURNING id
`;

export class SqlConfirmations extends Confirmations {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  async confirm(operationId: string): Promise<void> {
    if ((await this.database.one(confirm, [operationId, confirmedKinds])) !== null) return;
    const present = await this.database.one<{ readonly kind: string; readonly state: OperationState }>(
      'SELECT kind, state FROM berth.operations WHERE id = $1',
      [operationId],
    );
    const details = { operationId };
    if (present === null) {
      throw new BerthError('operation-not-found', `There is no operation ${operationId}.`, { details });
    }
    const { kind, state } = present;
    throw new BerthError(
      'operation-state',
      `The operation ${operationId} (${kind}) is ${state}: there is nothing to confirm.`,
      {
        details: { ...details, kind, state },
      },
    );
  }

  async confirmedAt(operationId: string): Promise<Date | null> {
    const row = await this.database.one<{ readonly confirmed_at: Date | null }>(
      'SELECT confirmed_at FROM berth.operations WHERE id = $1',
      [operationId],
    );
    return row?.confirmed_at ?? null;
  }
}
