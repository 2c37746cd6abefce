import { Argument, type Command } from 'commander';
import { completionScript } from '../completion/completion-script.js';
import { exitCodes } from '../exit-codes.js';
import { action } from '../command-context.js';

export function completionCommand(program: Command): void {
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
    .addHelpText(
      'after',
      "\nbash:  $ echo 'source <(berth completion bash)' >> ~/.bashrc\nzsh:   $ echo 'source <(berth completion zsh)' >> ~/.zshrc   (after compinit)",
    )
    .action(
      action<object>(async (_context, _flags, shell) => {
        process.stdout.write(completionScript(program, shell === 'zsh' ? 'zsh' : 'bash'));
        return exitCodes.ok;
      }),
    );
}
