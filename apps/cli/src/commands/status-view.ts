import type { CommandContext } from '../command-context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import type { PartStatus, SystemStatus } from '../system/status.js';
import { age, count, size } from '../terminal/duration.js';
import { table } from '../terminal/table.js';

export function showStatus({ output }: CommandContext, status: SystemStatus): ExitCode {
  output.document(status);
  const exitCode = status.state === 'healthy' ? exitCodes.ok : exitCodes.unhealthy;
  if (status.state === 'absent') {
    output.line(`There is no Berth system in ${status.home}.\nType: berth up`);
    return exitCode;
  }
  const colour = (
    { healthy: 'green', starting: 'yellow', stopping: 'yellow', stopped: 'dim', unhealthy: 'red' } as const
  )[status.state];
  output.line(`Berth in ${status.home} is ${output.paint(colour, status.state)}`);
  if (status.state === 'stopped') {
    output.line('Type: berth up');
    return exitCode;
  }
  const right = { align: 'right' as const };
  const columns = [
    { title: 'part', atLeast: 16 },
    { title: 'state' },
    { title: 'port', ...right },
    { title: 'pid', ...right },
    { title: 'memory', ...right },
    { title: 'up', ...right },
    { title: 'restarts', ...right },
  ];
  output.lines(['', ...table(columns, status.parts.map(row), output.width), '']);
  if (status.tenants !== null) output.line(`tenants     ${tenantsText(status.tenants)}`);
  if (status.operations !== null) output.line(`operations  ${count(status.operations.open)} open`);
  output.line(`API         ${status.api ?? 'unknown'}`);
  output.line(`API key     ${status.apiKeyFile ?? 'unknown'}`);
  for (const { what, type } of status.problems) output.line(`\n${output.paint('red', '✗')} ${what}\n  Type: ${type}`);
  return exitCode;
}

function row({ name, state, port, pid, memoryBytes, upMs, restarts }: PartStatus): readonly string[] {
  const since = upMs === null ? '' : age(new Date(Date.now() - upMs));
  return [
    name,
    state,
    String(port ?? ''),
    String(pid ?? ''),
    memoryBytes === null ? '' : size(memoryBytes),
    since,
    restarts === 0 ? '' : String(restarts),
  ];
}

function tenantsText(tenants: Readonly<Record<string, number>>): string {
  const total = Object.values(tenants).reduce((sum, one) => sum + one, 0);
  const parts = Object.entries(tenants).map(([state, number]) => `${count(number)} ${state}`);
  return total === 0 ? 'none yet: berth tenants create acme-corp' : `${count(total)}: ${parts.join(', ')}`;
}
