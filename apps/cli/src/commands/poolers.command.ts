import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Option, type Command } from 'commander';
import { sslModes } from '@berth/domain';
import { answer, type Schemas } from '../api/client.js';
import { action, type CommandContext } from '../command-context.js';
import { exitCodes } from '../exit-codes.js';
import { age } from '../terminal/duration.js';
import { readSecret, type SecretSource } from '../terminal/secret-input.js';
import { facts } from '../terminal/table.js';
import { showList, wholeNumber } from './lists.js';

type Pooler = Schemas['Pooler'];
type Findings = Schemas['PoolerRegistration']['findings'];

interface RegisterFlags extends SecretSource {
  readonly host: string;
  readonly port: number;
  readonly sslMode: Pooler['sslMode'];
  readonly ca?: string;
  readonly folder: string;
  readonly user: string;
  readonly dryRun?: boolean;
}

export function poolersCommand(program: Command): void {
  const poolers = program
    .command('poolers')
    .alias('pooler')
    .description('PgBouncers that lead clients to their tenants');
  addLooks(poolers);
  addRegister(poolers);
  addRemove(poolers);
}

function addLooks(poolers: Command): void {
  poolers
    .command('list')
    .alias('ls')
    .description('list poolers')
    .action(
      action<object>(async (context) => {
        const client = await context.client();
        const { items } = await answer(client.GET('/v1/poolers'));
        const columns = [
          { title: 'pooler', atLeast: 12 },
          { title: 'address', atLeast: 15 },
          { title: 'folder', atLeast: 15 },
          { title: 'age' },
        ];
        const row = (one: Pooler) => [one.id, `${one.host}:${String(one.port)}`, one.folder, age(one.createdAt)];
        const none = 'No pooler. Register one: berth poolers register --help';
        showList(context, { items, next: null }, columns, row, none);
        return exitCodes.ok;
      }),
    );
  poolers
    .command('show <id>')
    .description('a pooler, what its checks find, and what differs from the catalog')
    .action(
      action<object>(async (context, _flags, poolerId = '') => {
        const client = await context.client();
        const report = await answer(client.GET('/v1/poolers/{poolerId}', { params: { path: { poolerId } } }));
        showReport(context, report);
        return exitCodes.ok;
      }),
    );
}

function showReport({ output }: CommandContext, report: Schemas['PoolerReport']): void {
  const { pooler, findings, drift } = report;
  output.document(report);
  output.lines(
    facts([
      ['pooler', output.paint('bold', pooler.id)],
      ['address', `${pooler.host}:${String(pooler.port)}, sslmode ${pooler.sslMode}`],
      ['folder', pooler.folder],
      ['aliases', drift === null ? 'no answer' : drift.length === 0 ? 'as they should be' : 'not as they should be'],
      ['age', age(pooler.createdAt)],
    ]),
  );
  output.lines((drift ?? []).map(({ message }) => `drift  ${message}`));
  showFindings(output, findings);
}

function showFindings(output: CommandContext['output'], findings: Findings): void {
  for (const { severity, message, remedy } of findings)
    output.line(`${severity}  ${message}${remedy === null ? '' : `\n       ${remedy}`}`);
}

function addRegister(poolers: Command): void {
  poolers
    .command('register <id>')
    .description('make a PgBouncer known; its checks run first and answer with everything they found')
    .requiredOption('--host <name>', 'name or address of its admin console')
    .option('--port <port>', 'its port', wholeNumber(1, 65_535), 6432)
    .requiredOption('--folder <folder>', 'the folder that it reads Berth’s files from, as the worker sees it')
    .addOption(
      new Option('--ssl-mode <mode>', 'how the connection to the console is secured')
        .choices(sslModes)
        .default('verify-full'),
    )
    .option('--ca <file>', 'certificate of the authority that signed the pooler’s')
    .option('--user <name>', 'one of its admin_users', 'berth_pooler')
    .option('--password-file <file>', 'read its password from the first line of this file')
    .option('--password-stdin', 'read its password from stdin')
    .option('--dry-run', 'only run the checks')
    .addHelpText(
      'after',
      '\nThe password is never an argument: others could read it in the process list. Without a flag it is asked for.\n\nExample:\n  $ berth poolers register pool-1 --host 127.0.0.1 --ssl-mode disable --folder /etc/pgbouncer/berth --password-file pooler.pw',
    )
    .action(
      action<RegisterFlags>(async (context, flags, id = '') => {
        const client = await context.client();
        const password = await readSecret(`Password of ${flags.user} on ${flags.host}: `, flags, context.output);
        const ca = flags.ca === undefined ? undefined : await readFile(flags.ca, 'utf8');
        const { host, port, sslMode } = flags;
        const folder = path.resolve(flags.folder);
        const registration = await answer(
          client.POST('/v1/poolers', {
            params: { query: { dryRun: flags.dryRun ?? false } },
            body: {
              ...{ id, host, port, sslMode, folder },
              admin: { username: flags.user, password },
              ...(ca === undefined ? {} : { ca }),
            },
          }),
        );
        return showRegistration(context, registration);
      }),
    );
}

function showRegistration({ output }: CommandContext, registration: Schemas['PoolerRegistration']) {
  const { pooler, findings } = registration;
  output.document(registration);
  showFindings(output, findings);
  const isUnfit = findings.some(({ severity }) => severity === 'error');
  if (pooler !== null) {
    output.line(`${output.paint('green', '✓')} ${pooler.id} is registered; it leads to every tenant within seconds`);
  } else if (isUnfit) output.line('It cannot be registered yet.');
  else output.line('It can be registered. Nothing was done: this was a dry run.');
  return pooler === null && isUnfit ? exitCodes.failed : exitCodes.ok;
}

function addRemove(poolers: Command): void {
  poolers
    .command('remove <id>')
    .description('forget a pooler and take its aliases away; PgBouncer itself goes on')
    .action(
      action<object>(async (context, _flags, poolerId = '') => {
        const client = await context.client();
        await answer(client.DELETE('/v1/poolers/{poolerId}', { params: { path: { poolerId } } }));
        context.output.document({ removed: poolerId });
        context.output.line(`${context.output.paint('green', '✓')} ${poolerId} is forgotten`);
        return exitCodes.ok;
      }),
    );
}
