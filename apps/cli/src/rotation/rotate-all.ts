import { answer, type ApiClient } from '../api/client.js';
import { follow } from '../api/follow.js';
import type { CommandContext } from '../command-context.js';
import { collect } from '../commands/lists.js';
import { CommandFault, exitCodes, type ExitCode } from '../exit-codes.js';
import { ringsOf, runRings, type RingSize } from './rings.js';

export interface RotateAll {
  readonly rings: readonly RingSize[];
  readonly atOnce: number;
  readonly graceMs: number;
  readonly settleMs: number;
  /** Leaves out whose active login is younger. */
  readonly olderThanMs: number | undefined;
  readonly except: readonly string[];
  readonly dryRun: boolean;
}

interface Rotated {
  readonly tenantId: string;
  readonly ok: boolean;
  readonly operationId: string | null;
  readonly state: string;
  readonly reason: string | null;
}

/** The rings of all tenants that can be rotated. @returns an exit code: 0 when every one was */
export async function rotateAll(context: CommandContext, client: ApiClient, wish: RotateAll): Promise<ExitCode> {
  const { output } = context;
  const tenants = await chosen(client, wish);
  const rings = ringsOf(tenants, wish.rings);
  output.note(`${String(tenants.length)} tenants in ${String(rings.length)} rings`);
  if (wish.dryRun) {
    output.document({ rings });
    for (const [index, ring] of rings.entries()) output.line(`ring ${String(index + 1)}  ${ring.join(' ')}`);
    output.line('\nNothing was done: this was a dry run.');
    return exitCodes.ok;
  }
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  let done = 0;
  const { ended, notBegun } = await runRings(rings, {
    atOnce: wish.atOnce,
    interrupted: () => interrupt.signal.aborted,
    begins: (ring, number) => output.note(`ring ${String(number)} of ${String(rings.length)}: ${String(ring.length)}`),
    one: async (tenantId) => {
      const one = await rotateOne(client, tenantId, wish, interrupt.signal);
      done += 1;
      const sign = one.ok ? output.paintError('green', '✓') : output.paintError('red', '✗');
      output.note(
        `${sign} ${tenantId}  ${String(done)}/${String(tenants.length)}${one.ok ? '' : `  ${one.reason ?? one.state}`}`,
      );
      return one;
    },
  });
  process.off('SIGINT', onInterrupt);
  output.document({ ended, notBegun });
  return summary(context, ended, notBegun, interrupt.signal.aborted);
}

function summary(
  { output }: CommandContext,
  ended: readonly Rotated[],
  notBegun: readonly string[],
  interrupted: boolean,
): ExitCode {
  const failed = ended.filter(({ ok }) => !ok);
  output.line(`${String(ended.length - failed.length)} tenants have a new login.`);
  if (failed.length === 0 && !interrupted) return exitCodes.ok;
  const again = 'The same command with --older-than goes on where this one stopped.';
  if (notBegun.length > 0) output.fault(`Not begun: ${notBegun.join(' ')}`);
  for (const { tenantId, state, reason, operationId } of failed) {
    output.fault(`${tenantId} ${state}${reason === null ? '' : `: ${reason}`}`);
    if (operationId !== null) output.fault(`  berth operations show ${operationId}`);
  }
  output.fault(again);
  if (interrupted) return exitCodes.interrupted;
  return failed.some(({ state }) => state === 'needs-operator') ? exitCodes.needsOperator : exitCodes.failed;
}

async function chosen(client: ApiClient, { except, olderThanMs }: RotateAll): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const state of ['ready', 'suspended'] as const) {
    const page = await collect({ limit: 0, all: true }, (query) =>
      answer(client.GET('/v1/tenants', { params: { query: { state, ...query } } })),
    );
    ids.push(...page.items.map(({ id }) => id));
  }
  const wanted = ids.filter((id) => !except.includes(id)).sort();
  if (olderThanMs === undefined) return wanted;
  const youngest = Date.now() - olderThanMs;
  const old: string[] = [];
  for (const tenantId of wanted) {
    const { logins } = await answer(client.GET('/v1/tenants/{tenantId}/secret', { params: { path: { tenantId } } }));
    // Two logins: a rotation is under way, and is followed to its end.
    const since = logins.find(({ active }) => active)?.since ?? null;
    if (logins.length > 1 || since === null || Date.parse(since) <= youngest) old.push(tenantId);
  }
  return old;
}

/** A refusal is an outcome like any other. Only an API that does not answer at all ends the command. */
async function rotateOne(
  client: ApiClient,
  tenantId: string,
  { graceMs, settleMs }: RotateAll,
  signal: AbortSignal,
): Promise<Rotated> {
  let operationId: string | null = null;
  try {
    operationId = await begun(client, tenantId, { graceMs, settleMs });
    for await (const { state, reason, error } of follow(client, operationId, signal)) {
      if (state === 'succeeded') return { tenantId, ok: true, operationId, state, reason: null };
      if (['failed', 'cancelled', 'needs-operator'].includes(state)) {
        return { tenantId, ok: false, operationId, state, reason: error?.message ?? reason };
      }
    }
  } catch (error) {
    if (signal.aborted) return { tenantId, ok: false, operationId, state: 'goes on', reason: 'not waited for' };
    if (!(error instanceof CommandFault) || error.exitCode === exitCodes.unhealthy) throw error;
    return { tenantId, ok: false, operationId, state: error.code ?? 'refused', reason: error.message };
  }
  return { tenantId, ok: false, operationId, state: 'goes on', reason: 'not waited for' };
}

/** A rotation that is under way already, of a command that was interrupted, is taken up. */
async function begun(
  client: ApiClient,
  tenantId: string,
  body: { readonly graceMs: number; readonly settleMs: number },
): Promise<string> {
  const params = { path: { tenantId }, query: { dryRun: false } };
  try {
    const started = await answer(client.POST('/v1/tenants/{tenantId}/secret/rotate', { params, body }));
    if (!('id' in started)) throw new Error('a rotation answered with a plan');
    return started.id;
  } catch (error) {
    const fault = error instanceof CommandFault && error.code === 'operation-in-progress' ? error : undefined;
    const operationId = (fault?.details as { readonly operationId?: string } | undefined)?.operationId;
    if (operationId === undefined) throw error;
    const open = await answer(client.GET('/v1/operations/{operationId}', { params: { path: { operationId } } }));
    if (open.kind !== 'rotate-login') throw error;
    return operationId;
  }
}
