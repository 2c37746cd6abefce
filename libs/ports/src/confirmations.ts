/** A person's yes, for which an operation waits. */
export abstract class Confirmations {
  /** Keeps the first yes, and wakes an operation that waits. Convergent. @throws `operation-state` (ended, going back, or none that asks for one), `operation-not-found` */
  abstract confirm(operationId: string): Promise<void>;

  /** When it was said; null: not yet. */
  abstract confirmedAt(operationId: string): Promise<Date | null>;
}
