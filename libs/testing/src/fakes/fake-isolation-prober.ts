import { attemptsBy, type AttemptName, type AttemptOutcome, type TenantId } from '@berth/domain';
import { IsolationProber, type IsolationLogin, type IsolationTarget } from '@berth/ports';

/** A cluster on which everything is refused, but for what a test opens. */
export class FakeIsolationProber extends IsolationProber {
  /** `from>to` and what is reached. */
  readonly holes = new Map<string, readonly AttemptName[]>();
  /** Tenants whose login is refused. */
  readonly lockedOut = new Set<TenantId>();
  /** Who tried whom, in order; `pooler` is its host. */
  readonly tried: { readonly from: TenantId; readonly to: readonly TenantId[]; readonly pooler: string | null }[] = [];
  /** Waited for before each round. */
  before: () => Promise<void> = async () => undefined;

  async tryAll(
    { place: { tenantId: from } }: IsolationLogin,
    targets: readonly IsolationTarget[],
    { pooler, forMs, signal }: Parameters<IsolationProber['tryAll']>[2],
  ): Promise<ReadonlyMap<TenantId, readonly AttemptOutcome[]>> {
    await this.before();
    signal.throwIfAborted();
    const ids = targets.map(({ place }) => place.tenantId);
    this.tried.push({ from, to: ids, pooler: pooler?.host ?? null });
    return new Map(
      ids.map((to) => [to, this.#outcomes(from, to, { way: pooler === null ? null : 'pooler', late: forMs === 0 })]),
    );
  }

  #outcomes(
    from: TenantId,
    to: TenantId,
    { way, late }: { readonly way: string | null; readonly late: boolean },
  ): readonly AttemptOutcome[] {
    const open = this.holes.get(`${from}>${to}`) ?? [];
    return attemptsBy(way).map((attempt) => {
      if (late) return { attempt, verdict: 'not-tried', because: 'Its time was over.' };
      if (this.lockedOut.has(from)) return { attempt, verdict: 'not-tried', because: 'It could not log in.' };
      if (open.includes(attempt)) return { attempt, verdict: 'reached', because: `${from} can ${attempt} at ${to}.` };
      return { attempt, verdict: 'refused', because: null };
    });
  }
}
