import type { FencedCatalog } from '@berth/catalog';
import type { Tools } from '@berth/operations';
import type { Journal, Lease } from '@berth/saga';

/** The token of {@link FencedTools}. */
export const FencedToolsToken = Symbol('FencedTools');

/** What the steps of one lease are given in the place of the plain tools. */
export type FencedTools = (lease: Lease) => Partial<Tools>;

/** What of each port outside a database changes something. A database is fenced in its own transactions. */
const guarded = {
  secrets: ['write', 'remove', 'destroy'],
  infrastructure: ['create', 'destroy'],
  copy: ['dump', 'discard'],
  onlineCopy: ['copyDefinitions', 'copyRows', 'finishDefinitions', 'joinTables'],
  replication: ['keepChanges', 'remove'],
  router: ['takeOver', 'route', 'hold', 'forget'],
} as const;

/**
 * The tools of one lease. Files, programs and instances know no transaction: right before each change of them the lease is
 * renewed, and a worker that was stopped past it hears there that somebody else goes on. @throws LeaseLost
 */
export function fencedTools(
  tools: Tools,
  parts: { readonly journal: Journal; readonly leaseMs: number; readonly catalog: (lease: Lease) => FencedCatalog },
): FencedTools {
  return (lease) => {
    const holding = async () => void (await parts.journal.renew(lease, parts.leaseMs));
    return {
      ...parts.catalog(lease),
      secrets: guard(tools.secrets, guarded.secrets, holding),
      infrastructure: guard(tools.infrastructure, guarded.infrastructure, holding),
      copy: guard(tools.copy, guarded.copy, holding),
      // A slot belongs to the server, and no transaction of a database carries it.
      onlineCopy: guard(tools.onlineCopy, guarded.onlineCopy, holding),
      replication: guard(tools.replication, guarded.replication, holding),
      // Called under the pooler's lock: what waited for it asks again when it has it.
      router: guard(tools.router, guarded.router, holding),
    };
  };
}

/** Asks before the named methods; all others pass. */
function guard<P extends object>(port: P, methods: readonly string[], holding: () => Promise<void>): P {
  return new Proxy(port, {
    get(target, name): unknown {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== 'function') return method;
      return async (...given: readonly unknown[]): Promise<unknown> => {
        if (methods.includes(String(name))) await holding();
        return await (Reflect.apply(method, target, given) as Promise<unknown>);
      };
    },
  });
}
