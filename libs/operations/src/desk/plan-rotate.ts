import type { Finding, LoginSlot } from '@berth/domain';
import type { OperationRequest } from '../request.js';
import { usersOf } from '../rotate-login/login-users.js';
import { rotateLogin } from '../rotate-login/rotate-login.saga.js';
import type { RotateLogin } from '../rotate-login/rotate-login.input.js';
import { loginsOf } from '../tools.js';
import { unanswered } from './asked.js';
import { draftOf, isAnyPooler, type Draft, type PlanningPorts } from './draft.js';
import { knownTenant, seen } from './known-tenant.js';
import { driftAt } from './live-checks.js';
import { placeIn } from './plan-lifecycle.js';

/**
 * Refused while the old place of a move is kept: its logins have the verifiers of before, and whoever went back there would
 * find no login that works.
 */
export async function planRotate(
  ports: PlanningPorts,
  request: Extract<OperationRequest, { kind: 'rotate-login' }>,
): Promise<Draft> {
  const known = await knownTenant(ports, request.tenantId, {
    states: ['ready', 'suspended'],
    to: 'rotate the login of',
  });
  const { tenant, placement, plan } = known;
  const { active: from } = await loginsOf(ports, tenant.id);
  const to: LoginSlot = from === 'a' ? 'b' : 'a';
  const input: RotateLogin = {
    tenantId: tenant.id,
    place: placeIn(placement),
    generation: placement.generation,
    limits: plan.limits,
    logins: tenant.state === 'ready' ? 'open' : 'closed',
    ...{ from, to },
    routed: await isAnyPooler(ports),
    graceMs: request.graceMs,
    settleMs: Math.min(request.settleMs, request.graceMs),
  };
  const drift = await driftAt(ports, { place: input.place, limits: plan.limits, tenant });
  // A server that does not answer has been told of already.
  const silent = drift.some(({ code }) => code in unanswered);
  const met = input.logins === 'open' && !silent ? await whatMeetsIt(ports, input) : [];
  const findings = [...drift, ...met];
  return draftOf(rotateLogin, { ...input }, { clusterIds: [placement.clusterId], findings, seen: seen(known) });
}

/** What whoever rotates should know before: nothing of it keeps the rotation from starting. */
async function whatMeetsIt(ports: PlanningPorts, input: RotateLogin): Promise<readonly Finding[]> {
  const login = input.place.loginRoles[input.from];
  const info = (code: string, message: string): Finding => ({
    code,
    severity: 'info',
    object: `login ${login}`,
    message,
    remedy: null,
  });
  const users = await usersOf(ports, input, input.from);
  const found = [
    info('login-in-use', users.length === 0 ? 'Nobody is seen with it now.' : `It is used now by ${users.join(', ')}.`),
  ];
  const { connectionLimit } = input.limits;
  if (connectionLimit > 0) {
    const both = `While both logins live, the tenant may hold ${String(connectionLimit * 2)} connections, ${String(connectionLimit)} with each.`;
    found.push(info('connections-doubled', both));
  }
  if ((await ports.clients.live(input.tenantId)).length === 0) {
    found.push(info('no-client-reports', 'No client of the tenant reports itself: only open sessions are seen.'));
  }
  return found;
}
