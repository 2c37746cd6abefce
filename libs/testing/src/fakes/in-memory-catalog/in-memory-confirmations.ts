import { BerthError, confirmedKinds, hasEnded } from '@berth/domain';
import { Confirmations } from '@berth/ports';
import type { CatalogMemory } from './catalog-memory.js';

export class InMemoryConfirmations extends Confirmations {
  readonly #saidAt = new Map<string, Date>();

  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async confirm(operationId: string): Promise<void> {
    const record = this.memory.operations.get(operationId);
    if (record === undefined) throw new BerthError('operation-not-found', `There is no operation ${operationId}.`);
    const { kind, state, direction, cancelRequestedAt } = record;
    if (!confirmedKinds.includes(kind) || hasEnded(state) || direction !== 'forward' || cancelRequestedAt !== null) {
      throw new BerthError(
        'operation-state',
        `The operation ${operationId} (${kind}) is ${state}: there is nothing to confirm.`,
      );
    }
    this.#saidAt.set(operationId, this.#saidAt.get(operationId) ?? this.memory.now());
    this.memory.change(record, state === 'waiting' ? { nextAttemptAt: this.memory.now() } : {});
  }

  async confirmedAt(operationId: string): Promise<Date | null> {
    return this.#saidAt.get(operationId) ?? null;
  }
}
