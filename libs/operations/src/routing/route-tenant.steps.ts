import type { LoginSlot, Place, TenantId, TenantLimits } from '@berth/domain';
import { done, forwardStep, step } from '@berth/saga';
import { onEachPooler, routeTo, type RoutingTools } from './poolers.js';

/** What steps about aliases know. `routed`: there was a pooler when the operation was planned; without one no step is planned. */
export interface Routed {
  readonly tenantId: TenantId;
  readonly routed: boolean;
}

export const isRouted = (input: Routed): boolean => input.routed;

/** Where an alias leads, with the limits of the plan. */
export interface RoutedPlace {
  readonly place: Place;
  readonly limits: TenantLimits;
  /** A login that is kept already, or still, and may not pass. */
  readonly without?: LoginSlot;
}

/** Brings the tenant's alias of every pooler to what it should be; null: none. Convergent. */
export async function bringAlias(
  { input, tools }: { readonly input: Routed; readonly tools: RoutingTools },
  to: RoutedPlace | null,
): Promise<{ readonly latePoolers: readonly string[] }> {
  const { tenantId } = input;
  const latePoolers = await onEachPooler(tools, async (access, poolers) => {
    const route = to === null ? null : await routeTo(tools, to, poolers);
    await tools.router.route(access, [{ tenantId, route }]);
  });
  return { latePoolers };
}

/**
 * From now on clients of the alias wait at every pooler. Whoever lets them through is {@link bringAlias}. `timeoutMs`: how long those
 * inside may take to end their transaction; then the source ends it, as it does everybody's.
 */
export async function holdAlias(
  { input, tools }: { readonly input: Routed; readonly tools: RoutingTools },
  timeoutMs = 2_000,
): Promise<{ readonly notHeldAt: readonly string[] }> {
  return {
    notHeldAt: await onEachPooler(tools, (access) => tools.router.hold(access, input.tenantId, { timeoutMs })),
  };
}

const holds = ({ tenantId }: Routed) =>
  `Let clients of the alias ${tenantId} wait at every pooler until it leads to the new place.`;

const leads = ({ tenantId }: Routed, { place }: RoutedPlace) =>
  `Lead the alias ${tenantId} of every pooler to cluster ${place.clusterId}, and read it back.`;

/** For a saga before its point of no return: it says what the alias becomes, and what it was. */
export function routeTenant<Input extends Routed>(
  to: (input: Input) => RoutedPlace | null,
  before: (input: Input) => RoutedPlace | null,
) {
  return step<Input, RoutingTools>()({
    name: 'route-tenant',
    describe: (input) => {
      const destination = to(input);
      return destination === null ? `See that no pooler has the alias ${input.tenantId}.` : leads(input, destination);
    },
    run: async (context) => ({ done: await bringAlias(context, to(context.input)) }),
    async undo(context) {
      await bringAlias(context, before(context.input));
      return done;
    },
  });
}

/** After the point of no return. It also lets those through who wait because of {@link holdRoute}. */
export function routeTenantTo<Input extends Routed>(to: (input: Input) => RoutedPlace) {
  return forwardStep<Input, RoutingTools>()({
    name: 'route-tenant',
    describe: (input) => leads(input, to(input)),
    run: async (context) => ({ done: await bringAlias(context, to(context.input)) }),
  });
}

/** What a tenant's alias was before: there was one while its logins were open. */
interface Unrouted extends Routed, RoutedPlace {
  readonly loginsBefore: 'open' | 'closed';
}

/** First of all: a client that has no way in does not see a login refused. */
export const unrouteTenant = step<Unrouted, RoutingTools>()({
  name: 'unroute-tenant',
  describe: ({ tenantId }) => `Take the alias ${tenantId} away from every pooler, and read back that it is gone.`,
  run: async (context) => ({ done: await bringAlias(context, null) }),
  async undo(context) {
    const { loginsBefore, place, limits } = context.input;
    await bringAlias(context, loginsBefore === 'open' ? { place, limits } : null);
    return done;
  },
});

/**
 * Clients at a pooler wait from here to `route-tenant`, and learn nothing of the closed logins in between. A pooler holds an alias
 * until it is told otherwise, whoever dies: the operation can only go forward, and its `route-tenant` lets everybody through.
 */
export const holdRoute = forwardStep<Routed, RoutingTools>()({
  name: 'hold-route',
  describe: holds,
  run: async (context) => ({ done: await holdAlias(context) }),
});

/**
 * Before a switch that holds the clients itself: the alias leads to where the tenant is, and so it does when the move is taken back,
 * however far the switch had come.
 */
export function readyRoute<Input extends Routed>(from: (input: Input) => RoutedPlace) {
  const bring = async (context: { readonly input: Input; readonly tools: RoutingTools }) =>
    bringAlias(context, from(context.input));
  return step<Input, RoutingTools>()({
    name: 'ready-route',
    describe: (input) =>
      `See that the alias ${input.tenantId} of every pooler leads to cluster ${from(input).place.clusterId}, before its clients are held.`,
    run: async (context) => ({ done: await bring(context) }),
    async undo(context) {
      await bring(context);
      return done;
    },
  });
}
