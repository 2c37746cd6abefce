import type { Command } from 'commander';
import { answer, type Schemas } from '../api/client.js';
import { action, type CommandContext } from '../command-context.js';
import { exitCodes } from '../exit-codes.js';
import { age, count } from '../terminal/duration.js';
import { facts, table } from '../terminal/table.js';

type Explanation = Schemas['PlacementExplanation'];
type Decision = Explanation['now'];

export function placementsCommand(program: Command): void {
  const placements = program.command('placements').alias('placement').description('where tenants are, and why');
  placements
    .command('explain <tenant>')
    .description('why a tenant is where it is, what refused the other clusters, and where it would go now')
    .action(
      action<object>(async (context, _flags, tenantId = '') => {
        const client = await context.client();
        const explanation = await answer(
          client.GET('/v1/tenants/{tenantId}/placement', { params: { path: { tenantId } } }),
        );
        show(context, explanation);
        return exitCodes.ok;
      }),
    );
}

function show(context: CommandContext, { tenantId, placement, decidedBy, decision, now }: Explanation): void {
  const { output } = context;
  output.document({ tenantId, placement, decidedBy, decision, now });
  output.lines(
    facts([
      ['tenant', output.paint('bold', tenantId)],
      [
        'place',
        `${placement.clusterId}, ${placement.tier}, generation ${String(placement.generation)}, ${placement.state}`,
      ],
      [
        'decided',
        decidedBy === null
          ? null
          : `${age(decidedBy.createdAt)} ago by ${decidedBy.kind} ${decidedBy.operationId}, asked for by ${decidedBy.requestedBy}`,
      ],
    ]),
  );
  output.line(
    `\n${output.paint('bold', 'then')}  ${decision === null ? 'nothing had to be chosen' : chosenText(decision)}`,
  );
  if (decision !== null) showConsidered(context, decision);
  output.line(`\n${output.paint('bold', 'now')}   ${chosenText(now)}`);
  showConsidered(context, now);
}

function chosenText({ chosen, because, constraints, askedFor }: Decision): string {
  const wanted = [
    ...Object.entries(constraints.labels).map(([label, value]) => `${label}=${value}`),
    ...(constraints.minPostgresMajor ? [`PostgreSQL ${String(constraints.minPostgresMajor)} or newer`] : []),
    ...(askedFor === null ? [] : [`only ${askedFor}`]),
  ];
  const limits = wanted.length === 0 ? '' : ` (wanted: ${wanted.join(', ')})`;
  return `${chosen === null ? because : `${chosen}: ${because}`}${limits}`;
}

function showConsidered({ output }: CommandContext, { considered, chosen }: Decision): void {
  if (considered.length === 0) return;
  const columns = [
    { title: 'cluster', atLeast: 10 },
    { title: 'tenants', align: 'right' as const },
    { title: 'room', align: 'right' as const },
    { title: 'verdict', atLeast: 20 },
  ];
  const row = ({ clusterId, tenants, room, refusal }: Decision['considered'][number]) => [
    clusterId,
    count(tenants),
    room === null ? 'any' : count(room),
    refusal?.because ?? (clusterId === chosen ? 'chosen' : 'fits'),
  ];
  output.lines(table(columns, considered.map(row), output.width));
}
