import { Command } from 'commander';
import { auditCommand } from './commands/audit.command.js';
import { clustersCommand } from './commands/clusters.command.js';
import { completionCommand } from './commands/completion.command.js';
import { demoCommand } from './commands/demo.command.js';
import { doctorCommand } from './commands/doctor.command.js';
import { keysCommand } from './commands/keys.command.js';
import { movesCommand } from './commands/moves.command.js';
import { operationsCommand } from './commands/operations.command.js';
import { placementsCommand } from './commands/placements.command.js';
import { plansCommand } from './commands/plans.command.js';
import { poolersCommand } from './commands/poolers.command.js';
import { proveCommand } from './commands/prove.command.js';
import { secretsCommand } from './commands/secrets.command.js';
import { systemCommands } from './commands/system.command.js';
import { tenantsCommand } from './commands/tenants.command.js';
import { exitCodesHelp } from './exit-codes.js';

const examples = `
Examples:
  $ berth demo                                  see all of it in a minute
  $ berth up --detach                           start a whole system in .berth/
  $ berth tenants create acme-corp              a place for a new tenant
  $ berth moves start acme-corp --to dedicated  give it a PostgreSQL server of its own
  $ berth operations list --state needs-operator
  $ berth down                                  stop everything

${exitCodesHelp}

Which API: --api and --key-file, else BERTH_API and BERTH_API_KEY_FILE, else the system in the nearest .berth/ upwards.`;

/** The whole command line. Commands throw; whoever calls turns that into a sentence and an exit code. */
export function createProgram(version: string): Command {
  const program = new Command('berth')
    .description('The right berth for every tenant: a storage control plane for SaaS products on PostgreSQL.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .option('--home <dir>', 'folder of the local system (BERTH_HOME; default: the nearest .berth)')
    .option('--api <url>', 'address of an API elsewhere (BERTH_API)')
    .option('--key-file <file>', 'file with the API key (BERTH_API_KEY_FILE)')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Add --help to see what it takes.')
    .addHelpText('after', examples)
    .exitOverride();
  systemCommands(program);
  demoCommand(program);
  tenantsCommand(program);
  movesCommand(program);
  operationsCommand(program);
  clustersCommand(program);
  placementsCommand(program);
  plansCommand(program);
  poolersCommand(program);
  keysCommand(program);
  auditCommand(program);
  secretsCommand(program);
  proveCommand(program);
  doctorCommand(program);
  completionCommand(program);
  return settle(program);
}

/** Settings that commander does not hand down to commands added with `command()` before them. */
function settle(command: Command): Command {
  command.showSuggestionAfterError(true);
  for (const child of command.commands) settle(child.copyInheritedSettings(command));
  return command;
}
