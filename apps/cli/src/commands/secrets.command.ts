import { InvalidArgumentError, Option, type Command } from 'commander';
import { answer, type Schemas } from '../api/client.js';
import { action, type CommandContext } from '../command-context.js';
import { CommandFault, exitCodes } from '../exit-codes.js';
import { parseRings, type RingSize } from '../rotation/rings.js';
import { rotateAll } from '../rotation/rotate-all.js';
import { vaultStaticSecret } from '../rotation/vault-static-secret.js';
import { age, milliseconds } from '../terminal/duration.js';
import { facts, table } from '../terminal/table.js';
import { wholeNumber } from './lists.js';
import { operationOptions } from './operation-options.js';
import { showStarted, type OperationFlags } from './watch-operation.js';

export function secretsCommand(program: Command): void {
  const secrets = program
    .command('secrets')
    .alias('secret')
    .description('connection secrets of tenants: look, rotate, deliver');
  addShow(secrets);
  addClients(secrets);
  addRotate(secrets);
  addManifest(secrets);
}

function addShow(secrets: Command): void {
  secrets
    .command('show <tenant>')
    .description('where its secret leads, its login, its versions; no password unless --reveal')
    .option('--reveal', 'print the password too; needs --reason, which the audit log keeps')
    .option('--reason <text>', 'why it is revealed')
    .action(
      action<{ readonly reveal?: boolean; readonly reason?: string }>(async (context, flags, tenantId = '') => {
        const client = await context.client();
        const params = { path: { tenantId } };
        if (flags.reveal !== true) {
          const secret = await answer(client.GET('/v1/tenants/{tenantId}/secret', { params }));
          context.output.document(secret);
          showSecret(context, secret);
          return exitCodes.ok;
        }
        const { reason } = flags;
        if (reason === undefined) {
          throw new CommandFault(
            exitCodes.usage,
            'A password is revealed for a reason only.',
            `Type: berth secrets show ${tenantId} --reveal --reason "why"`,
          );
        }
        const shown = await answer(client.POST('/v1/tenants/{tenantId}/secret/reveal', { params, body: { reason } }));
        context.output.document(shown);
        context.output.lines(facts(Object.entries(shown).map(([name, value]) => [name, String(value)] as const)));
        return exitCodes.ok;
      }),
    );
}

function showSecret({ output }: CommandContext, secret: Schemas['TenantSecret']): void {
  const { ref, clusterId, host, port, database, schema, sslmode, generation, logins } = secret;
  const login = ({ username, active, since }: (typeof logins)[number]): string =>
    active ? `${username}, active since ${since ?? 'the beginning'}` : `${username}, beside it during a rotation`;
  output.lines(
    facts([
      ['secret', output.paint('bold', ref)],
      ['leads to', `${host}:${String(port)} (${clusterId ?? 'no place'}), database ${database}, schema ${schema}`],
      ['sslmode', sslmode],
      ['generation', String(generation)],
      ...logins.map((one): readonly [string, string] => ['login', login(one)]),
    ]),
  );
  const columns = [
    { title: 'version', align: 'right' as const },
    { title: 'generation', align: 'right' as const },
    { title: 'age', align: 'right' as const },
    { title: 'written by', atLeast: 12 },
  ];
  const row = ({ version, generation: of, createdAt, operationId, removed }: (typeof secret.versions)[number]) => [
    String(version),
    of === null ? '' : String(of),
    age(createdAt),
    removed ? 'removed' : (operationId ?? 'somebody else'),
  ];
  output.lines(['', ...table(columns, secret.versions.map(row), output.width)]);
}

function addClients(secrets: Command): void {
  secrets
    .command('clients <tenant>')
    .description('who works with a tenant now, and with which login: clients that report, and sessions')
    .action(
      action<object>(async (context, _flags, tenantId = '') => {
        const client = await context.client();
        const { output } = context;
        const list = await answer(client.GET('/v1/tenants/{tenantId}/clients', { params: { path: { tenantId } } }));
        output.document(list);
        const columns = [
          { title: 'who', atLeast: 12 },
          { title: 'login' },
          { title: 'generation', align: 'right' as const },
          { title: 'seen', align: 'right' as const },
        ];
        const rows = [
          ...list.clients.map((one) => [one.client, one.username, String(one.generation), age(one.lastSeenAt)]),
          ...list.sessions.map(({ slot, application, sessions }) => [
            `${String(sessions)} sessions of ${application === '' ? 'an unnamed application' : application}`,
            `slot ${slot}`,
            '',
            'now',
          ]),
        ];
        if (rows.length === 0) output.line('Nobody: no client reports, and no session is open.');
        else output.lines(table(columns, rows, output.width));
        return exitCodes.ok;
      }),
    );
}

interface RotateFlags extends OperationFlags {
  readonly all?: boolean;
  readonly grace: number;
  readonly settle: number;
  readonly rings: readonly RingSize[];
  readonly atOnce: number;
  readonly olderThan?: number;
  readonly except?: readonly string[];
}

const usualRings = '1,10%,100%';

const rotateHelp = `
Both logins of a tenant work until every client that is seen has moved, or the grace time has ended. Until then
"berth operations cancel" takes the rotation back.

With --all the rings are kept by this command, over the API: each tenant's rotation is an operation of its own that goes on
without it, so there is nothing that a server would have to remember. A ring has to succeed wholly before the next begins; after
a failure or Ctrl-C nothing more begins. The same command with --older-than goes on where it stopped.

Examples:
  $ berth secrets rotate acme-corp --dry-run
  $ berth secrets rotate acme-corp --grace 10m
  $ berth secrets rotate --all --rings 1,10%,100% --older-than 30d`;

function addRotate(secrets: Command): void {
  operationOptions(secrets.command('rotate [tenant]'))
    .description('give a tenant, or all of them in rings, a new login and password without an outage')
    .addOption(
      new Option('--grace <time>', 'how long the old login is kept at most for who still uses it')
        .argParser(milliseconds)
        .default(3_600_000, '1h'),
    )
    .addOption(
      new Option('--settle <time>', 'how long it is kept at least: until a new secret has reached every client')
        .argParser(milliseconds)
        .default(60_000, '1m'),
    )
    .option('--all', 'every tenant that is ready or suspended')
    .addOption(
      new Option('--rings <sizes>', 'with --all: tenants, or shares of them, at which each ring ends')
        .argParser(parseRings)
        .default(parseRings(usualRings), usualRings),
    )
    .option('--at-once <n>', 'with --all: rotations of a ring under way at the same time', wholeNumber(1, 64), 4)
    .option('--older-than <time>', 'with --all: leave out whose login is younger', milliseconds)
    .option(
      '--except <tenant>',
      'with --all: leave this one out; repeat for more',
      (id, before: readonly string[] = []) => [...before, id],
    )
    .addHelpText('after', rotateHelp)
    .action(
      action<RotateFlags>(async (context, flags, tenantId) => {
        if ((tenantId === undefined) === (flags.all !== true)) {
          throw new CommandFault(exitCodes.usage, 'Name one tenant, or say --all.');
        }
        const client = await context.client();
        const times = { graceMs: flags.grace, settleMs: flags.settle };
        if (tenantId === undefined) {
          if (!flags.wait) throw new CommandFault(exitCodes.usage, 'Rings have to be waited for: leave --no-wait out.');
          const { rings, atOnce, olderThan, except = [], dryRun = false } = flags;
          return rotateAll(context, client, { ...times, rings, atOnce, except, dryRun, olderThanMs: olderThan });
        }
        const params = { path: { tenantId }, query: { dryRun: flags.dryRun ?? false } };
        const answered = await answer(client.POST('/v1/tenants/{tenantId}/secret/rotate', { params, body: times }));
        return showStarted(context, client, answered, flags);
      }),
    );
}

interface ManifestFlags {
  readonly namespace: string;
  readonly mount: string;
  readonly prefix?: string;
  readonly destination?: string;
  readonly refresh: string;
  readonly auth?: string;
  readonly restart?: readonly { readonly kind: string; readonly name: string }[];
}

function addManifest(secrets: Command): void {
  secrets
    .command('manifest <tenant>')
    .description('print the VaultStaticSecret by which its secret reaches pods; holds no secret itself')
    .option('--namespace <name>', 'namespace of Kubernetes', 'default')
    .option('--mount <name>', 'mount of the KV v2 engine in Vault', 'secret')
    .option('--prefix <path>', 'what stands before tenants/… in that mount')
    .option('--destination <name>', 'the Kubernetes secret (default: tenant-<id>-db)')
    .option(
      '--refresh <time>',
      'how often the operator looks for a new version; keep --settle of a rotation above it',
      '30s',
    )
    .option('--auth <name>', 'VaultAuth to use (default: the default one of the namespace)')
    .option(
      '--restart <kind/name>',
      'restart this when the secret has changed, e.g. deployment/web; repeat for more',
      restartTarget,
    )
    .addHelpText('after', '\nExample:\n  $ berth secrets manifest acme-corp --namespace shop | kubectl apply -f -')
    .action(
      action<ManifestFlags>(async (context, flags, tenantId = '') => {
        const client = await context.client();
        const { ref } = await answer(client.GET('/v1/tenants/{tenantId}/secret', { params: { path: { tenantId } } }));
        const { prefix, destination = `tenant-${tenantId}-db`, refresh, auth, restart, namespace, mount } = flags;
        const manifest = vaultStaticSecret({
          ...{ tenantId, namespace, mount, destination, refreshAfter: refresh },
          path: prefix === undefined ? ref : `${prefix.replace(/^\/+|\/+$/g, '')}/${ref}`,
          ...(auth === undefined ? {} : { auth }),
          ...(restart === undefined ? {} : { restart }),
        });
        context.output.document({ manifest });
        context.output.lines(manifest.trimEnd().split('\n'));
        return exitCodes.ok;
      }),
    );
}

const kinds = { deployment: 'Deployment', statefulset: 'StatefulSet', daemonset: 'DaemonSet' } as const;

function restartTarget(text: string, before: ManifestFlags['restart'] = []): NonNullable<ManifestFlags['restart']> {
  const [, kind = '', name] = /^([a-z]+)\/([a-z0-9.-]+)$/i.exec(text) ?? [];
  const known = kinds[kind.toLowerCase() as keyof typeof kinds] as string | undefined;
  if (known === undefined || name === undefined) {
    throw new InvalidArgumentError('Write deployment/name, statefulset/name or daemonset/name.');
  }
  return [...before, { kind: known, name }];
}
