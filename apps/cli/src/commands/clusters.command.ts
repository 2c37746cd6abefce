import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { sslModes, tiers } from '@berth/domain';
import { answer, type Schemas } from '../api/client.js';
import { action, type CommandContext } from '../command-context.js';
import { exitCodes } from '../exit-codes.js';
import { age, count, size } from '../terminal/duration.js';
import { readSecret, type SecretSource } from '../terminal/secret-input.js';
import { facts } from '../terminal/table.js';
import { addDrain } from './drain.command.js';
import { instanceFacts } from './instance-facts.js';
import { showList, wholeNumber } from './lists.js';
import { labels } from './tenants.command.js';

type Cluster = Schemas['Cluster'];

interface RegisterFlags extends SecretSource {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly tier: (typeof tiers)[number];
  readonly sslMode: Cluster['sslMode'];
  readonly ca?: string;
  readonly user: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly maxTenants?: number;
  readonly maxOperations: number;
  readonly extension?: readonly string[];
  readonly dryRun?: boolean;
}

export function clustersCommand(program: Command): void {
  const clusters = program.command('clusters').alias('cluster').description('PostgreSQL servers that tenants live on');
  addLooks(clusters);
  addRegister(clusters);
  addStreamsLogin(clusters);
  addVerbs(clusters);
  addDrain(clusters);
}

function addLooks(clusters: Command): void {
  clusters
    .command('list')
    .alias('ls')
    .description('list clusters with their room')
    .option('--load', 'also ask each server for its load')
    .action(
      action<{ readonly load?: boolean }>(async (context, flags) => {
        const client = await context.client();
        const { items } = await answer(
          client.GET('/v1/clusters', { params: { query: { load: flags.load ?? false } } }),
        );
        const right = { align: 'right' as const };
        const columns = [
          { title: 'cluster', atLeast: 12 },
          { title: 'tier' },
          { title: 'state' },
          { title: 'address', atLeast: 15 },
          { title: 'pg', ...right },
          { title: 'tenants', ...right },
          { title: 'room', ...right },
          ...(flags.load === true ? [{ title: 'load' }] : []),
        ];
        const row = (one: Cluster) => [
          one.id,
          one.tier,
          one.state,
          `${one.host}:${String(one.port)}`,
          String(one.postgresMajor),
          count(one.tenants),
          one.room === null ? 'any' : count(one.room),
          loadText(one),
        ];
        showList(
          context,
          { items, next: null },
          columns,
          row,
          'No cluster. Register one: berth clusters register --help',
        );
        return exitCodes.ok;
      }),
    );
  clusters
    .command('show <id>')
    .description('a cluster with its load and room')
    .action(
      action<object>(async (context, _flags, clusterId = '') => {
        const client = await context.client();
        const cluster = await answer(client.GET('/v1/clusters/{clusterId}', { params: { path: { clusterId } } }));
        showCluster(context, cluster);
        return exitCodes.ok;
      }),
    );
}

function loadText({ load }: Cluster): string {
  if (load === null) return 'no answer';
  return `${size(load.bytes)}, ${count(load.sessions)} of ${count(load.maxSessions)} sessions, ${count(load.schemas)} schemas`;
}

function tlsText({ sslMode, authority }: Cluster): string {
  if (sslMode === 'disable') return 'none';
  if (sslMode === 'require') return 'require: encrypted, the certificate is not checked';
  const by =
    authority === null ? 'a public authority' : `${authority.subject}, until ${authority.validTo.slice(0, 10)}`;
  return `${sslMode}: signed by ${by}`;
}

function loadFacts({ load }: Cluster): readonly (readonly [string, string])[] {
  if (load === null) return [['load', 'the server does not answer']];
  const { bytes, sessions, maxSessions, schemas } = load;
  const part = maxSessions === 0 ? 0 : Math.round((100 * sessions) / maxSessions);
  return [
    ['size', `${size(bytes)} in ${count(schemas)} schemas`],
    ['connections', `${count(sessions)} of ${count(maxSessions)} used (${String(part)} %)`],
  ];
}

function streamsText({ streamsLogin, postgresMajor }: Cluster): string | null {
  if (streamsLogin === null) return null;
  if (streamsLogin) return 'kept';
  return postgresMajor < 16
    ? 'none: no tenant moves online from or to here'
    : 'none, and needed with PostgreSQL 15 only';
}

function showCluster({ output }: CommandContext, cluster: Cluster): void {
  output.document(cluster);
  output.lines(
    facts([
      ['cluster', output.paint('bold', cluster.id)],
      ['tier', cluster.tier],
      ['state', cluster.state],
      ['address', `${cluster.host}:${String(cluster.port)}, database ${cluster.database}`],
      ['TLS', tlsText(cluster)],
      ['PostgreSQL', String(cluster.postgresMajor)],
      [
        'labels',
        Object.entries(cluster.labels)
          .map(([name, value]) => `${name}=${value}`)
          .join(', ') || null,
      ],
      [
        'tenants',
        `${count(cluster.tenants)}${cluster.room === null ? ', no limit' : `, room for ${count(cluster.room)} more`}`,
      ],
      ...loadFacts(cluster),
      ['operations', `${count(cluster.maxOperations)} at the same time`],
      ['made by Berth', cluster.managed ? 'yes' : 'no'],
      ['login for streams', streamsText(cluster)],
      ...instanceFacts(cluster.instance),
      ['age', age(cluster.createdAt)],
    ]),
  );
}

function addRegister(clusters: Command): void {
  clusters
    .command('register <id>')
    .description('make a PostgreSQL server known; its checks run first and answer with everything they found')
    .requiredOption('--host <name>', 'name or address of the server')
    .option('--port <port>', 'its port', wholeNumber(1, 65_535), 5432)
    .option('--database <name>', 'the database for the tenants; made when it is not there', 'tenants')
    .addOption(
      new Option('--tier <tier>', 'shared by many tenants, or dedicated to one').choices(tiers).default('shared'),
    )
    .addOption(
      new Option('--ssl-mode <mode>', 'how the connection is secured').choices(sslModes).default('verify-full'),
    )
    .option('--ca <file>', 'certificate of the authority that signed the server’s; without it the public ones count')
    .option('--user <name>', 'admin login: CREATEROLE CREATEDB, no superuser', 'berth_admin')
    .option('--password-file <file>', 'read its password from the first line of this file')
    .option('--password-stdin', 'read its password from stdin')
    .option('--label <name=value>', 'a label; repeat for more', labels)
    .option('--max-tenants <n>', 'most tenants to place on it', wholeNumber(0))
    .option('--max-operations <n>', 'most operations on it at the same time', wholeNumber(1, 1_000), 4)
    .option('--extension <name>', 'an extension that the migrations use; repeat for more', each)
    .option('--dry-run', 'only run the checks')
    .addHelpText(
      'after',
      '\nThe password is never an argument: others could read it in the process list. Without a flag it is asked for.\n\nExample:\n  $ berth clusters register shared-2 --host db-2.internal --label region=eu-central-1 --password-file admin.pw',
    )
    .action(
      action<RegisterFlags>(async (context, flags, id = '') => {
        const client = await context.client();
        const password = await readSecret(`Password of ${flags.user} on ${flags.host}: `, flags, context.output);
        const ca = flags.ca === undefined ? undefined : await readFile(flags.ca, 'utf8');
        const { host, port, database, tier, sslMode, maxOperations } = flags;
        const registration = await answer(
          client.POST('/v1/clusters', {
            params: { query: { dryRun: flags.dryRun ?? false } },
            body: {
              ...{ id, host, port, database, tier, sslMode, maxOperations },
              labels: flags.label ?? {},
              maxTenants: flags.maxTenants ?? null,
              extensions: [...(flags.extension ?? [])],
              admin: { username: flags.user, password },
              ...(ca === undefined ? {} : { ca }),
            },
          }),
        );
        return showRegistration(context, registration);
      }),
    );
}

interface StreamsFlags extends SecretSource {
  readonly user: string;
  readonly remove?: boolean;
}

function addStreamsLogin(clusters: Command): void {
  clusters
    .command('streams-login <id>')
    .description(
      'keep the login by which streams are made where the admin may not: on PostgreSQL 15, or from and to it',
    )
    .option('--user <name>', 'a superuser; on Amazon RDS the master', 'berth_streams')
    .option('--password-file <file>', 'read its password from the first line of this file')
    .option('--password-stdin', 'read its password from stdin')
    .option('--remove', 'forget it instead')
    .addHelpText('after', '\nIt is checked first, kept as a secret of its own, and used for nothing else.')
    .action(
      action<StreamsFlags>(async (context, flags, clusterId = '') => {
        const client = await context.client();
        const path = { clusterId };
        const { version } = await answer(client.GET('/v1/clusters/{clusterId}', { params: { path } }));
        const streams =
          flags.remove === true
            ? null
            : {
                username: flags.user,
                password: await readSecret(`Password of ${flags.user}: `, flags, context.output),
              };
        const header = { 'If-Match': `"${String(version)}"` };
        const cluster = await answer(
          client.PATCH('/v1/clusters/{clusterId}', { params: { path, header }, body: { streams } }),
        );
        context.output.document(cluster);
        const done = streams === null ? 'has no login for streams any more' : `makes streams by ${flags.user}`;
        context.output.line(`${context.output.paint('green', '✓')} ${cluster.id} ${done}`);
        return exitCodes.ok;
      }),
    );
}

function each(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, name];
}

function showRegistration({ output }: CommandContext, { cluster, findings, changes }: Schemas['ClusterRegistration']) {
  output.document({ cluster, findings, changes });
  for (const { severity, message, remedy } of findings) {
    const colour = ({ error: 'red', warning: 'yellow', info: 'dim' } as const)[severity];
    output.line(
      `${output.paint(colour, severity.padEnd(7))}  ${message}${remedy === null ? '' : `\n         ${remedy}`}`,
    );
  }
  for (const change of changes) output.line(`did: ${change}`);
  if (cluster !== null) output.line(`${output.paint('green', '✓')} ${cluster.id} is registered and takes tenants`);
  else
    output.line(
      findings.some(({ severity }) => severity === 'error')
        ? 'It cannot be registered yet.'
        : 'It can be registered. Nothing was done: this was a dry run.',
    );
  return cluster === null && findings.some(({ severity }) => severity === 'error') ? exitCodes.failed : exitCodes.ok;
}

function addVerbs(clusters: Command): void {
  const verbs = { cordon: 'keep new tenants away from it', uncordon: 'let new tenants onto it again' } as const;
  for (const verb of ['cordon', 'uncordon'] as const) {
    clusters
      .command(`${verb} <id>`)
      .description(verbs[verb])
      .action(
        action<object>(async (context, _flags, clusterId = '') => {
          const client = await context.client();
          const cluster = await answer(
            client.POST(`/v1/clusters/{clusterId}/${verb}`, { params: { path: { clusterId } } }),
          );
          context.output.document(cluster);
          context.output.line(`${context.output.paint('green', '✓')} ${cluster.id} is ${cluster.state}`);
          return exitCodes.ok;
        }),
      );
  }
  clusters
    .command('remove <id>')
    .description('forget a cluster without tenants; the server itself is left alone')
    .action(
      action<object>(async (context, _flags, clusterId = '') => {
        const client = await context.client();
        await answer(client.DELETE('/v1/clusters/{clusterId}', { params: { path: { clusterId } } }));
        context.output.document({ removed: clusterId });
        context.output.line(`${context.output.paint('green', '✓')} ${clusterId} is forgotten`);
        return exitCodes.ok;
      }),
    );
}
