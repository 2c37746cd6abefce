import type { Command } from 'commander';
import { answer, type ApiClient, type Move, type Operation, type OperationPlan } from '../api/client.js';
import { action } from '../command-context.js';
import { exitCodes } from '../exit-codes.js';
import { showOutcome, showReadBack } from './move-view.js';
import { operationOptions } from './operation-options.js';
import { showPlan, showStarted, watch, type OperationFlags } from './watch-operation.js';

/** Verbs that are operations of their own. */
const operations = {
  reverse: {
    description: 'go back to the old place, every later write kept (online moves)',
    examples: ['berth moves reverse <move> --dry-run    both streams, both ends: would it be whole?'],
  },
  complete: {
    description: 'give the place up where the tenant is no more: final dump, then it is dropped',
    examples: ['berth moves complete <move> --dry-run'],
  },
} as const;

/** Words to a move under way, which its own operation heeds. */
const words = {
  verify: {
    description: 'compare every row again while a move waits for its switch (online moves); rows that differ undo it',
    examples: [
      'berth moves verify <move>              waits until it is compared, and tells how many rows were equal',
      'berth moves verify <move> --dry-run    what would be looked at, and whether anything is in the way',
    ],
  },
  switch: {
    description: 'press switch on a move that is ready and whose switch is manual',
    examples: [
      'berth moves switch <move> --dry-run    the steps that are left, and all that the switch will meet',
      'berth moves switch <move>',
    ],
  },
  cancel: {
    description: 'cancel a move before its switch; what it made is undone',
    examples: ['berth moves cancel <move> --dry-run    what is taken back, in its order', 'berth moves cancel <move>'],
  },
} as const;

const helpOf = (examples: readonly string[]): string =>
  `\nExample${examples.length > 1 ? 's' : ''}:${examples.map((one) => `\n  $ ${one}`).join('')}`;

export function addVerbs(moves: Command): void {
  for (const word of ['verify', 'switch'] as const) addWord(moves, word);
  for (const verb of ['reverse', 'complete'] as const) addOperation(moves, verb);
  addWord(moves, 'cancel');
}

function addOperation(moves: Command, verb: keyof typeof operations): void {
  const { description, examples } = operations[verb];
  operationOptions(moves.command(`${verb} <move>`))
    .description(description)
    .addHelpText('after', helpOf(examples))
    .action(
      action<OperationFlags>(async (context, flags, moveId = '') => {
        const client = await context.client();
        const params = { path: { moveId }, query: { dryRun: flags.dryRun ?? false } };
        const answered = await answer(client.POST(`/v1/moves/{moveId}/${verb}`, { params }));
        const exitCode = await showStarted(context, client, answered, flags);
        if (exitCode === exitCodes.ok && 'id' in answered && flags.wait && !context.output.json) {
          const move = await moveOf(client, moveId);
          if (verb === 'reverse') showOutcome(context, move);
          else showReadBack(context, move);
        }
        return exitCode;
      }),
    );
}

function addWord(moves: Command, word: keyof typeof words): void {
  const { description, examples } = words[word];
  operationOptions(moves.command(`${word} <move>`))
    .description(description)
    .addHelpText('after', helpOf(examples))
    .action(
      action<OperationFlags>(async (context, flags, moveId = '') => {
        const client = await context.client();
        const answered = await say(client, moveId, word, flags.dryRun ?? false);
        if (!('id' in answered)) return showPlan(context, answered, `${word} of ${answered.tenantId}'s move`);
        if (!flags.wait) return showStarted(context, client, answered, flags);
        const exitCode = await watch(context, client, answered.id, word);
        if (word === 'cancel' && !context.output.json) showReadBack(context, await moveOf(client, moveId));
        return exitCode;
      }),
    );
}

function moveOf(client: ApiClient, moveId: string): Promise<Move> {
  return answer(client.GET('/v1/moves/{moveId}', { params: { path: { moveId } } }));
}

function say(
  client: ApiClient,
  moveId: string,
  word: keyof typeof words,
  dryRun: boolean,
): Promise<Operation | OperationPlan> {
  return answer(client.POST(`/v1/moves/{moveId}/${word}`, { params: { path: { moveId }, query: { dryRun } } }));
}
