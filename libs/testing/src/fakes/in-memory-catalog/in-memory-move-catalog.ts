import { BerthError, isClosedMove, type Move, type MoveLag, type MoveState, type TenantId } from '@berth/domain';
import { MoveCatalog, type Page, type PageRequest } from '@berth/ports';
import { asJson, type CatalogMemory, newestFirst, pageOf } from './catalog-memory.js';

type MoveRecord = Move & { readonly seq: number };

const switchableStates: readonly MoveState[] = [
  'preflight',
  'provisioned',
  'schema-copied',
  'copying',
  'catching-up',
  'ready',
];

export class InMemoryMoveCatalog extends MoveCatalog {
  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async get(id: string): Promise<Move | null> {
    const record = this.memory.moves.get(id);
    return record === undefined ? null : moveOf(record);
  }

  async list(
    filter: { readonly tenantId?: TenantId; readonly open?: boolean },
    page: PageRequest,
  ): Promise<Page<Move>> {
    const rows = [...this.memory.moves.values()]
      .filter((row) => filter.tenantId === undefined || row.tenantId === filter.tenantId)
      .filter((row) => filter.open === undefined || filter.open === isOpen(row))
      .sort((left, right) => right.seq - left.seq);
    return pageOf(rows, page, newestFirst('m', moveOf));
  }

  async countOpen(): Promise<Readonly<Partial<Record<MoveState, number>>>> {
    const counts: Partial<Record<MoveState, number>> = {};
    for (const { state } of [...this.memory.moves.values()].filter(isOpen)) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  async inputOf(id: string): Promise<Readonly<Record<string, unknown>> | null> {
    if (!this.memory.moves.has(id)) return null;
    return asJson(this.memory.operations.get(id)?.input ?? null) as Readonly<Record<string, unknown>> | null;
  }

  async openMoveOf(id: TenantId): Promise<Move | null> {
    const record = [...this.memory.moves.values()].find((row) => row.tenantId === id && isOpen(row));
    return record === undefined ? null : moveOf(record);
  }

  async transition(id: string, change: Parameters<MoveCatalog['transition']>[1]): Promise<Move> {
    const record = this.#require(id);
    const { from, to, ...given } = change;
    if (!from.includes(record.state)) {
      if (record.state === to) return moveOf(record);
      const details = { moveId: id, state: record.state, wanted: to, allowedFrom: from };
      throw new BerthError('move-state', `The move ${id} is ${record.state} and cannot become ${to}.`, { details });
    }
    const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const comparison = asJson(given.comparison ?? record.comparison);
    const reverseComparison = asJson(given.reverseComparison ?? record.reverseComparison);
    const error = asJson(given.error === undefined ? record.error : given.error);
    const readBack = asJson(given.readBack ?? record.readBack);
    const endedAt = isClosedMove(to) ? this.memory.now() : null;
    const told = { error, readBack, comparison, reverseComparison };
    return this.#write(record, { ...known, ...told, state: to, verifyRequestedAt: null, endedAt });
  }

  async requestSwitch(id: string): Promise<Move> {
    const record = this.#require(id);
    if (record.switchRequestedAt !== null && record.endedAt === null) return moveOf(record);
    if (!switchableStates.includes(record.state)) {
      throw new BerthError('move-state', `The move ${id} is ${record.state}: there is nothing to switch.`);
    }
    this.#wake(id);
    return this.#write(record, { switchRequestedAt: this.memory.now() });
  }

  async requestVerify(id: string): Promise<Move> {
    const record = this.#require(id);
    if (record.verifyRequestedAt !== null) return moveOf(record);
    if (record.state !== 'ready' || record.strategy !== 'online') {
      throw new BerthError('move-state', `The move ${id} (${record.strategy}, ${record.state}) is not compared now.`);
    }
    this.#wake(id);
    return this.#write(record, { verifyRequestedAt: this.memory.now() });
  }

  async noteLag(id: string, lag: MoveLag): Promise<void> {
    const record = this.memory.moves.get(id);
    if (record === undefined || !isOpen(record) || (record.lag !== null && record.lag.at > lag.at)) return;
    this.memory.moves.set(id, { ...record, lag });
    const operation = this.memory.operations.get(id);
    if (operation !== undefined) this.memory.change(operation, {});
  }

  #wake(id: string): void {
    const operation = this.memory.operations.get(id);
    if (operation?.state === 'waiting') this.memory.change(operation, { nextAttemptAt: this.memory.now() });
  }

  #require(id: string): MoveRecord {
    const record = this.memory.moves.get(id);
    if (record === undefined) throw new BerthError('move-not-found', `There is no move ${id}.`);
    return record;
  }

  #write(record: MoveRecord, change: Partial<Move>): Move {
    const changed = { ...record, ...change, version: record.version + 1 };
    this.memory.moves.set(record.id, changed);
    return moveOf(changed);
  }
}

function isOpen({ state }: Move): boolean {
  return !isClosedMove(state);
}

function moveOf({ seq: _seq, ...move }: MoveRecord): Move {
  return move;
}
