import { Option, type Command } from 'commander';
import { scopes } from '@berth/ports';
import { answer, type Schemas } from '../api/client.js';
import { action } from '../command-context.js';
import { CommandFault, exitCodes } from '../exit-codes.js';
import { age } from '../terminal/duration.js';
import { collect, listOptions, showList, wholeNumber, type ListFlags } from './lists.js';

interface CreateFlags {
  readonly name: string;
  readonly scope: readonly (typeof scopes)[number][];
  readonly tenant?: string;
  readonly days?: number;
}

export function keysCommand(program: Command): void {
  const keys = program.command('keys').alias('key').description('API keys and what they may do');
  addCreate(keys);
  listOptions(keys.command('list').alias('ls').description('list keys; the keys themselves are kept nowhere')).action(
    action<ListFlags>(async (context, flags) => {
      const client = await context.client();
      const page = await collect(flags, (query) => answer(client.GET('/v1/api-keys', { params: { query } })));
      const columns = [
        { title: 'key' },
        { title: 'name', atLeast: 8 },
        { title: 'scopes', atLeast: 10 },
        { title: 'tenant', atLeast: 6 },
        { title: 'state' },
        { title: 'last used', align: 'right' as const },
      ];
      const row = (key: Schemas['ApiKey']) => [
        key.id,
        key.name,
        key.scopes.join(','),
        key.tenantId ?? 'any',
        stateOf(key),
        key.lastUsedAt === null ? 'never' : age(key.lastUsedAt),
      ];
      showList(context, page, columns, row, 'No key.');
      return exitCodes.ok;
    }),
  );
  keys
    .command('revoke <id>')
    .description('end a key at once')
    .action(
      action<object>(async (context, _flags, keyId = '') => {
        const client = await context.client();
        await answer(client.DELETE('/v1/api-keys/{keyId}', { params: { path: { keyId } } }));
        context.output.document({ revoked: keyId });
        context.output.line(`${context.output.paint('green', '✓')} the key ${keyId} is revoked`);
        return exitCodes.ok;
      }),
    );
}

function stateOf({ revokedAt, expiresAt }: Schemas['ApiKey']): string {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt === null) return 'valid';
  return new Date(expiresAt).getTime() < Date.now() ? 'expired' : `until ${expiresAt.slice(0, 10)}`;
}

function addCreate(keys: Command): void {
  keys
    .command('create <name>')
    .description('make a key; it is shown this once')
    .addOption(new Option('--scope <scope...>', 'what it may do').choices(scopes).makeOptionMandatory())
    .option('--tenant <id>', 'bind it to one tenant')
    .option('--days <n>', 'days until it expires; without it never', wholeNumber(1, 36_500))
    .addHelpText(
      'after',
      '\nThe key alone goes to stdout, so that a file can take it:\n  $ berth keys create billing-page --scope billing --days 365 > billing.key',
    )
    .action(
      action<CreateFlags>(async (context, flags, name = '') => {
        const client = await context.client();
        const { scope, tenant, days } = flags;
        const expiresAt = days === undefined ? undefined : new Date(Date.now() + days * 86_400_000).toISOString();
        const created = await answer(
          client.POST('/v1/api-keys', {
            body: {
              name,
              scopes: [...scope],
              ...(tenant === undefined ? {} : { tenantId: tenant }),
              ...(expiresAt === undefined ? {} : { expiresAt }),
            },
          }),
        );
        context.output.document(created);
        if (created.key === null)
          throw new CommandFault(
            exitCodes.failed,
            `The key ${created.id} was made, but its text was lost on the way.`,
            `berth keys revoke ${created.id}, and make another`,
          );
        context.output.note(
          `The key ${created.id} may ${created.scopes.join(', ')}${created.tenantId === null ? '' : ` for ${created.tenantId}`}. It is shown this once:`,
        );
        context.output.line(created.key);
        return exitCodes.ok;
      }),
    );
}
