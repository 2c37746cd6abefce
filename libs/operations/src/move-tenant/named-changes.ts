import { asBerthError, BerthError, type Difference, type ErrorCode } from '@berth/domain';
import type { Tools } from '../tools.js';
import type { Switching } from './move-tenant.input.js';

/** What a copy or a stream says when the tables at both ends are not the same any more. */
const signs: readonly ErrorCode[] = ['schema-changed', 'stream-stalled', 'copy-failed', 'database-error'];

/** Indexes, keys and triggers come to the target after the rows; a table's replica identity is chosen for the stream. */
const thereFromTheStart: readonly Difference['kind'][] = ['table', 'column', 'function', 'type', 'sequence'];

const ofRows: readonly Difference['kind'][] = ['missing-row', 'extra-row', 'changed-row', 'sequence-position'];
const mostNamed = 5;

interface Context {
  readonly input: Pick<Switching, 'source' | 'target'>;
  readonly tools: Pick<Tools, 'comparison'>;
}

/** Does `act`; where it fails as definitions at the source are not what was copied, says which. */
export async function namingChanges<T>(
  context: Context,
  copied: 'rows' | 'everything',
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (thrown) {
    throw await namedChanges(context, copied, asBerthError(thrown));
  }
}

/** What the target has is the record of what was copied, so nothing has to be kept for this. */
export async function namedChanges(
  { input, tools }: Context,
  copied: 'rows' | 'everything',
  error: BerthError,
): Promise<BerthError> {
  if (!signs.includes(error.code)) return error;
  const found = await tools.comparison
    .compareDefinitions(input.source.place, input.target.place)
    .catch((): readonly Difference[] => []);
  const changed = copied === 'everything' ? found : found.filter(isEarly);
  return changed.length === 0 ? error : definitionsChanged(changed, error);
}

const isEarly = ({ kind, message }: Difference): boolean =>
  thereFromTheStart.includes(kind) && !(kind === 'table' && message.includes(' differs: '));

/** Those of a comparison that found rows and definitions. */
export const definitionsIn = (differences: readonly Difference[]): readonly Difference[] =>
  differences.filter(({ kind }) => !ofRows.includes(kind));

export function definitionsChanged(changed: readonly Difference[], cause?: BerthError): BerthError {
  const named = changed.slice(0, mostNamed).map(({ message }) => message);
  const more = changed.length - named.length;
  return new BerthError(
    'schema-changed',
    `Definitions changed during the move: ${named.join('; ')}${more > 0 ? ` and ${String(more)} more` : ''}.`,
    {
      hint: 'What is missing on the target was made at the source since; what is on the target only was dropped or renamed there. The tenant works on; start the move again when no migration runs.',
      details: { changed: changed.map(({ message }) => message) },
      ...(cause !== undefined && { cause }),
    },
  );
}
