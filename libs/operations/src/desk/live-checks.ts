import { BerthError, secretRefs, type Finding, type Place, type Plan, type Tenant } from '@berth/domain';
import { secretFault } from '../steps/publish-secret.js';
import { wantedAt } from '../tools.js';
import { asked, unanswered } from './asked.js';
import type { PlanningPorts } from './draft.js';

/**
 * The read-only look at the servers that every plan ends with; a start runs the same ones. What an operation mends by itself, or
 * waits for, is a warning: it is shown and keeps nothing from starting.
 */

/** Nothing of a schema may be destroyed that its last dump would not hold. */
export async function lossesAt(ports: PlanningPorts, place: Place): Promise<readonly Finding[]> {
  return await asked(place.clusterId, () => ports.copy.preflight(place, null));
}

/** What bears the tenant's names where nothing of it should be yet. The step that creates would refuse it, later. */
export async function takenAt(ports: PlanningPorts, place: Place): Promise<readonly Finding[]> {
  return (await ports.database.leftovers(place)).map((message) => ({
    code: 'target-taken',
    severity: 'error',
    object: `cluster ${place.clusterId}`,
    message,
    remedy: `Choose another cluster, or have the administrator of ${place.clusterId} rename or drop what bears the tenant's name.`,
  }));
}

/** Whether a shared cluster can take a new tenant now. */
export async function roomAt(ports: PlanningPorts, place: Place): Promise<readonly Finding[]> {
  const { clusterId } = place;
  const [fitness, taken] = await Promise.all([
    ports.fitness.of(clusterId),
    asked(clusterId, () => takenAt(ports, place)),
  ]);
  const silent = fitness.some(({ code }) => code in unanswered);
  // A server that is down is told once.
  return [...fitness, ...(silent ? taken.filter(({ code }) => !(code in unanswered)) : taken)];
}

/** A tenant that may take every connection of a shared server shuts its neighbours out. */
export async function limitsAt(
  ports: PlanningPorts,
  clusterId: string,
  { connectionLimit }: Plan['limits'],
): Promise<readonly Finding[]> {
  const { maxSessions } = await ports.probe.load(clusterId);
  if (connectionLimit < maxSessions) return [];
  return [
    {
      code: 'limits-exceed-cluster',
      severity: 'error',
      object: `cluster ${clusterId}`,
      message: `The plan allows the tenant ${String(connectionLimit)} connections, and ${clusterId} has ${String(maxSessions)} for all its tenants.`,
      remedy: 'Change the plan instead, to one of the shared tier: that is a move too. Or raise max_connections there.',
    },
  ];
}

/** How the tenant's objects differ from what they should be. */
export async function driftAt(
  ports: PlanningPorts,
  { place, limits, tenant }: { readonly place: Place; readonly limits: Plan['limits']; readonly tenant: Tenant },
): Promise<readonly Finding[]> {
  return await asked(place.clusterId, async () => {
    const wanted = await wantedAt(ports, place, limits, tenant.state === 'ready' ? 'open' : 'closed');
    return (await ports.database.inspect(wanted)).map(asWarning);
  });
}

/** For operations that only open or close logins: they need no verifiers, and must work on a tenant that is damaged. */
export async function driftAround(...given: Parameters<typeof driftAt>): Promise<readonly Finding[]> {
  try {
    return await driftAt(...given);
  } catch (thrown) {
    if (!(thrown instanceof BerthError) || thrown.code !== 'secret-missing') throw thrown;
    const { code, message, hint } = thrown;
    const object = `tenant ${given[1].tenant.id}`;
    return [{ code, severity: 'warning', object, message, remedy: hint ?? null }];
  }
}

/**
 * What a move makes at its target as it should be and then compares: rights on what the schema holds, and by default. Those on database
 * and schema are each server's own; another owner the copy's own preflight refuses. A repair mends all of these.
 */
function isMendedByMoves({ code, object }: Finding): boolean {
  return (
    code === 'missing-default-privilege' || (code === 'missing-grant' && /^(table|sequence|routine) /.test(object))
  );
}

/** The target has it as it should be, so both ends differ: the comparison would find that when all rows are copied. */
export async function driftOfSource(...given: Parameters<typeof driftAt>): Promise<readonly Finding[]> {
  const drift = await driftAround(...given);
  const remedy = `An online move copies a tenant as it should be, and then finds the two unequal. Before it: berth tenants repair ${given[1].tenant.id}`;
  return drift.filter(isMendedByMoves).map((finding): Finding => ({ ...finding, severity: 'error', remedy }));
}

/** What the step `restore-secret` would write anew, or could not. */
export async function secretDrift(
  ports: PlanningPorts,
  to: { readonly place: Place; readonly generation: number },
): Promise<readonly Finding[]> {
  const fault = await secretFault(ports, to);
  if (fault === null) return [];
  const object = `secret ${secretRefs.tenantDb(to.place.tenantId)}`;
  const remedy = 'The repair writes it.';
  switch (fault) {
    case 'missing':
      return [{ code: 'secret-missing', severity: 'warning', object, message: `The ${object} is missing.`, remedy }];
    case 'outdated': {
      const message = `The ${object} names another address than the tenant's place.`;
      return [{ code: 'secret-outdated', severity: 'warning', object, message, remedy }];
    }
    case 'newer': {
      const message = `The ${object} names a newer generation than the catalog (${String(to.generation)}).`;
      const hint = 'Compare `berth tenants show` with the secret, as the runbook secret-conflict tells.';
      return [{ code: 'secret-conflict', severity: 'error', object, message, remedy: hint }];
    }
  }
}

function asWarning(finding: Finding): Finding {
  return finding.severity === 'error' ? { ...finding, severity: 'warning' } : finding;
}
