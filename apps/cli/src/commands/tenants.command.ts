import { InvalidArgumentError, Option, type Command } from 'commander';
import { tenantStates } from '@berth/domain';
import { answer, type Operation, type Schemas } from '../api/client.js';
import { action, type CommandContext } from '../command-context.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { age } from '../terminal/duration.js';
import { facts } from '../terminal/table.js';
import { collect, listOptions, showList, wholeNumber, type ListFlags } from './lists.js';
import { operationOptions } from './operation-options.js';
import { showStarted, type OperationFlags } from './watch-operation.js';
import { type OpenMove, whatIsWrong } from './what-is-wrong.js';

interface CreateFlags extends OperationFlags {
  readonly plan: string;
  readonly cluster?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly minPostgres?: number;
}

interface AdoptFlags extends CreateFlags {
  readonly schema: string;
  readonly cluster: string;
  readonly migratedTo?: string;
}

interface ReasonFlags extends OperationFlags {
  readonly reason: string;
}

export function tenantsCommand(program: Command): void {
  const tenants = program.command('tenants').alias('tenant').description('create, look at and change tenants');
  addCreate(tenants);
  addAdopt(tenants);
  addLooks(tenants);
  addChanges(tenants);
}

/** `name=value`, any number of times. */
export function labels(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [, name, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('Write it as name=value, for example region=eu-central-1.');
  return { ...before, [name]: value };
}

function addCreate(tenants: Command): void {
  operationOptions(tenants.command('create <id>'))
    .description('give a new tenant a place for its data')
    .option('--plan <name>', 'its plan (berth plans list)', 'starter')
    .option('--cluster <id>', 'only this cluster; without it the emptiest that fits')
    .option('--label <name=value>', 'a label that its cluster must have; repeat for more', labels)
    .option('--min-postgres <major>', 'lowest PostgreSQL version that it may be placed on', wholeNumber(10, 99))
    .addHelpText(
      'after',
      '\nExamples:\n  $ berth tenants create acme-corp\n  $ berth tenants create acme-corp --plan pro --label region=eu-central-1 --dry-run',
    )
    .action(
      action<CreateFlags>(async (context, flags, id = '') => {
        const client = await context.client();
        const answered = await answer(
          client.POST('/v1/tenants', {
            params: { query: { dryRun: flags.dryRun ?? false } },
            body: {
              id,
              plan: flags.plan,
              ...constraintsOf(flags),
              ...(flags.cluster === undefined ? {} : { clusterId: flags.cluster }),
            },
          }),
        );
        return showStarted(context, client, answered, flags);
      }),
    );
}

function addAdopt(tenants: Command): void {
  operationOptions(tenants.command('adopt <id>'))
    .description('take over a schema that exists already, under the name it has')
    .requiredOption('--schema <name>', 'the schema that is there')
    .requiredOption('--cluster <id>', 'the shared cluster that holds it')
    .option('--plan <name>', 'its plan, of the shared tier (berth plans list)', 'starter')
    .option('--migrated-to <version>', 'the newest of the migrations that it has; none is run')
    .option('--label <name=value>', 'a label that its cluster must have; repeat for more', labels)
    .option('--min-postgres <major>', 'lowest PostgreSQL version that it may be placed on', wholeNumber(10, 99))
    .addHelpText(
      'after',
      '\nWhat was there works on until you confirm it; to cancel brings every owner and right back.\n\nExamples:\n  $ berth tenants adopt acme-corp --schema legacy_acme --cluster shared-1 --dry-run\n  $ berth tenants adopt acme-corp --schema legacy_acme --cluster shared-1\n  $ berth operations confirm <operation>',
    )
    .action(
      action<AdoptFlags>(async (context, flags, id = '') => {
        const client = await context.client();
        const { schema, cluster: clusterId, plan, migratedTo } = flags;
        const answered = await answer(
          client.POST('/v1/tenants/{tenantId}/adopt', {
            params: { path: { tenantId: id }, query: { dryRun: flags.dryRun ?? false } },
            body: {
              ...{ schema, clusterId, plan },
              ...constraintsOf(flags),
              ...(migratedTo === undefined ? {} : { migratedTo }),
            },
          }),
        );
        return showStarted(context, client, answered, flags);
      }),
    );
}

/** Nothing where nothing was asked for. */
function constraintsOf({ label, minPostgres }: Pick<CreateFlags, 'label' | 'minPostgres'>) {
  if (label === undefined && minPostgres === undefined) return {};
  const major = minPostgres === undefined ? {} : { minPostgresMajor: minPostgres };
  return { constraints: { labels: label ?? {}, ...major } };
}

interface TenantListFlags extends ListFlags {
  readonly state?: (typeof tenantStates)[number];
  readonly plan?: string;
  readonly cluster?: string;
  readonly prefix?: string;
}

function addLooks(tenants: Command): void {
  listOptions(tenants.command('list').alias('ls').description('list tenants'))
    .addOption(new Option('--state <state>', 'only in this state').choices(tenantStates))
    .option('--plan <name>', 'only of this plan')
    .option('--cluster <id>', 'only on this cluster')
    .option('--prefix <text>', 'only ids that begin so')
    .action(
      action<TenantListFlags>(async (context, flags) => {
        const client = await context.client();
        const { state, plan, cluster, prefix } = flags;
        const filter = Object.fromEntries(
          Object.entries({ state, plan, cluster, prefix }).filter(([, value]) => value !== undefined),
        );
        const page = await collect(flags, (query) =>
          answer(client.GET('/v1/tenants', { params: { query: { ...filter, ...query } } })),
        );
        const columns = [
          { title: 'tenant' },
          { title: 'state' },
          { title: 'plan' },
          { title: 'age', align: 'right' as const },
          { title: 'what is wrong', atLeast: 20 },
        ];
        const row = (one: Schemas['Tenant']) => [one.id, one.state, one.plan, age(one.createdAt), one.reason ?? ''];
        showList(context, page, columns, row, 'No tenant. Create one: berth tenants create acme-corp');
        return exitCodes.ok;
      }),
    );
  tenants
    .command('show <id>')
    .description('a tenant, its places, its last operation, and what is wrong with it')
    .action(
      action<object>(async (context, _flags, id = '') => {
        const client = await context.client();
        const tenant = await answer(client.GET('/v1/tenants/{tenantId}', { params: { path: { tenantId: id } } }));
        context.output.document(tenant);
        const query = { tenantId: id, open: true };
        const [openMove = null] = tenant.previousPlacements.some(({ state }) => state === 'previous')
          ? (await answer(client.GET('/v1/moves', { params: { query } }))).items
          : [];
        showTenant(context, tenant, openMove);
        return exitCodes.ok;
      }),
    );
}

function showTenant({ output }: CommandContext, tenant: Schemas['TenantDetail'], openMove: OpenMove | null): void {
  const { placement, lastOperation } = tenant;
  const trouble = whatIsWrong(tenant, new Date(), openMove);
  const constraints = Object.entries(tenant.constraints.labels).map(([name, value]) => `${name}=${value}`);
  output.lines(
    facts([
      ['tenant', output.paint('bold', tenant.id)],
      ['state', tenant.state],
      ['what is wrong', trouble.wrong],
      ['what to do', trouble.hint],
      ['plan', tenant.plan],
      ['must have', constraints.length === 0 ? null : constraints.join(', ')],
      ['place', placement === null ? 'none' : placeText(placement)],
      ...tenant.previousPlacements.map((one): readonly [string, string] => [
        one.state === 'preparing' ? 'place to be' : 'place before',
        `${placeText(one)}, ${one.state}`,
      ]),
      ['last operation', lastOperation === null ? null : operationText(lastOperation)],
      ['quarantine ends', tenant.quarantinedUntil],
      ['age', age(tenant.createdAt)],
    ]),
  );
  if (trouble.type.length > 0) output.lines(['', ...facts(trouble.type.map(({ to, command }) => [`${to}:`, command]))]);
}

function placeText(place: Schemas['Placement']): string {
  return `${place.clusterId} (${place.tier}), database ${place.database}, schema ${place.schema}, generation ${String(place.generation)}`;
}

function operationText({ kind, state, id, createdAt }: Operation): string {
  return `${kind} ${state}, begun ${age(createdAt).replace(/^(?!now)(.*)$/, '$1 ago')}, ${id}`;
}

function addChanges(tenants: Command): void {
  operationOptions(tenants.command('delete <id>'))
    .description('put a tenant into quarantine; its data is dropped when the retention time ends')
    .requiredOption('--reason <text>', 'why: kept with the operation')
    .option('--now', 'no quarantine: dump, compare and drop at once')
    .addHelpText('after', '\nExample:\n  $ berth tenants delete acme-corp --reason "contract ended"')
    .action(
      action<ReasonFlags & { readonly now?: boolean }>(async (context, flags, id = '') => {
        const client = await context.client();
        const query = { reason: flags.reason, now: flags.now ?? false, dryRun: flags.dryRun ?? false };
        const answered = await answer(
          client.DELETE('/v1/tenants/{tenantId}', { params: { path: { tenantId: id }, query } }),
        );
        return showStarted(context, client, answered, flags);
      }),
    );
  operationOptions(tenants.command('suspend <id>'))
    .description('end its sessions and its logins; the data stays')
    .requiredOption('--reason <text>', 'why: kept with the operation and shown with the tenant')
    .action(
      action<ReasonFlags>(async (context, flags, id = '') => {
        const client = await context.client();
        const params = { path: { tenantId: id }, query: { dryRun: flags.dryRun ?? false } };
        const answered = await answer(
          client.POST('/v1/tenants/{tenantId}/suspend', { params, body: { reason: flags.reason } }),
        );
        return showStarted(context, client, answered, flags);
      }),
    );
  for (const verb of ['resume', 'repair'] as const) {
    const what = {
      resume: 'let a suspended or quarantined tenant work again',
      repair: 'bring what is there to what should be; --dry-run is the drift report',
    };
    operationOptions(tenants.command(`${verb} <id>`))
      .description(what[verb])
      .action(
        action<OperationFlags>(async (context, flags, id = '') => {
          const client = await context.client();
          const params = { path: { tenantId: id }, query: { dryRun: flags.dryRun ?? false } };
          const answered = await answer(client.POST(`/v1/tenants/{tenantId}/${verb}`, { params }));
          return showStarted(context, client, answered, flags);
        }),
      );
  }
  addPlan(tenants);
}

function addPlan(tenants: Command): void {
  operationOptions(tenants.command('plan <id> <plan>'))
    .description('change its plan; where the tier changes, this moves it')
    .addOption(new Option('--strategy <strategy>', 'how to move').choices(['dump', 'online']).default('dump'))
    .addHelpText('after', '\nExample:\n  $ berth tenants plan acme-corp enterprise')
    .action(
      action<OperationFlags & { readonly strategy: 'dump' | 'online' }>(
        async (context, flags, id = '', plan = ''): Promise<ExitCode> => {
          const client = await context.client();
          const params = { path: { tenantId: id }, query: { dryRun: flags.dryRun ?? false } };
          const answered = await answer(
            client.PUT('/v1/tenants/{tenantId}/plan', { params, body: { plan, strategy: flags.strategy } }),
          );
          return showStarted(context, client, answered, flags);
        },
      ),
    );
}
