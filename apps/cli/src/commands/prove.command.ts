import { access, constants, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { answer, type ApiClient, type Schemas } from '../api/client.js';
import { action, type CommandContext } from '../command-context.js';
import { CommandFault, exitCodes, type ExitCode } from '../exit-codes.js';
import { isolationPage } from '../isolation/isolation-page.js';
import { showProof } from '../isolation/show-proof.js';

type Proof = Schemas['IsolationProof'];

interface Flags {
  readonly show?: boolean;
  readonly wait: boolean;
  readonly html?: string;
}

const pollMs = 500;

export function proveCommand(program: Command): void {
  const prove = program.command('prove').description('prove what is promised, on the real servers');
  prove
    .command('isolation [cluster]')
    .description(
      "log in as every tenant and try to reach every other one's data; without a cluster on every shared one",
    )
    .option('--show', 'only show the newest proof')
    .option('--no-wait', 'return at once; a worker makes the proof')
    .option('--html <file>', 'write the matrix of all pairs to this file as well')
    .addHelpText(
      'after',
      '\nNothing is changed: what succeeds is only read, or rolled back. Exit code 1: something was reached, or was not tried.\n\nExamples:\n  $ berth prove isolation\n  $ berth prove isolation shared-1 --html isolation.html\n  $ berth prove isolation shared-1 --show --json',
    )
    .action(
      action<Flags>(async (context, flags, cluster) => {
        if (flags.html !== undefined) await requireWritable(flags.html);
        const client = await context.client();
        const proofs: Proof[] = [];
        for (const clusterId of cluster === undefined ? await sharedClusters(client) : [cluster])
          proofs.push(await proofOf(context, client, clusterId, flags));
        return await show(context, proofs, flags);
      }),
    );
}

async function sharedClusters(client: ApiClient): Promise<readonly string[]> {
  const { items } = await answer(client.GET('/v1/clusters', { params: { query: { load: false } } }));
  const shared = items.filter(({ tier, state }) => tier === 'shared' && state !== 'retired');
  if (shared.length > 0) return shared.map(({ id }) => id);
  throw new CommandFault(
    exitCodes.usage,
    'There is no shared cluster.',
    'Register one: berth clusters register --help',
  );
}

async function proofOf({ output }: CommandContext, client: ApiClient, clusterId: string, flags: Flags): Promise<Proof> {
  const params = { path: { clusterId } };
  const newest = () => answer(client.GET('/v1/clusters/{clusterId}/isolation', { params }));
  if (flags.show === true) return await newest();
  const { id } = await answer(client.POST('/v1/clusters/{clusterId}/isolation', { params }));
  if (!flags.wait) return await newest();
  output.note(`${clusterId}: every tenant tries to reach every other one ...`);
  for (;;) {
    const proof = await newest();
    // Another proof after it: then this one has ended, and the newer one says more.
    if (proof.endedAt !== null || proof.id !== id) return proof;
    await pause(pollMs);
  }
}

async function show({ output }: CommandContext, proofs: readonly Proof[], { html }: Flags): Promise<ExitCode> {
  output.document({ items: proofs });
  for (const proof of proofs) showProof(output, proof);
  if (html !== undefined) {
    await writeFile(html, isolationPage(proofs));
    output.note(`The matrix is in ${html}`);
  }
  const unproved = proofs.some(({ verdict }) => verdict === 'broken' || verdict === 'incomplete');
  return unproved ? exitCodes.failed : exitCodes.ok;
}

/** Before anything is asked for: a proof takes its time. */
async function requireWritable(file: string): Promise<void> {
  try {
    await access(path.dirname(path.resolve(file)), constants.W_OK);
  } catch {
    throw new CommandFault(
      exitCodes.usage,
      `${file} cannot be written.`,
      'Name a file in a folder that is there and yours.',
    );
  }
}
