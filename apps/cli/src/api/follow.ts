import { setTimeout as pause } from 'node:timers/promises';
import { hasEnded, type OperationState } from '@berth/domain';
import { answer, type ApiClient, type Operation, type Schemas } from './client.js';
import { serverSentEvents } from './server-sent-events.js';

const pollMs = 500;
const streamAgainAfterMs = 2_000;

/** An event also tells how far the move is that the operation works on; null: that has ended, or not begun. */
export type FollowedOperation = Operation & { readonly moveProgress?: Schemas['MoveProgress'] | null };

/**
 * The operation, again at each change, until it ended or needs an operator. Comes by Server-Sent Events; where these do not
 * get through, or break off, by asking. A signal ends the following, never the operation.
 */
export async function* follow(client: ApiClient, id: string, signal?: AbortSignal): AsyncGenerator<FollowedOperation> {
  for (;;) {
    const operation = await answer(
      client.GET('/v1/operations/{operationId}', { params: { path: { operationId: id } } }),
    );
    yield operation;
    if (isSettled(operation.state)) return;
    const streamed = performance.now();
    for await (const next of stream(client, id, signal)) {
      yield next;
      if (isSettled(next.state)) return;
    }
    signal?.throwIfAborted();
    // A stream that lived shortly is not a way: do not knock at it in a loop.
    await pause(performance.now() - streamed < streamAgainAfterMs ? pollMs : 0, undefined, { signal });
  }
}

export function isSettled(state: OperationState): boolean {
  return hasEnded(state) || state === 'needs-operator';
}

async function* stream(client: ApiClient, id: string, signal?: AbortSignal): AsyncGenerator<FollowedOperation> {
  const { address, key } = client.connection;
  try {
    const response = await fetch(`${address}/v1/operations/${id}/events`, {
      headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' },
      ...(signal === undefined ? {} : { signal }),
    });
    if (!response.ok || response.body === null) return;
    for await (const { data } of serverSentEvents(response.body)) {
      const value = JSON.parse(data) as Partial<FollowedOperation> | null;
      if (typeof value?.state === 'string' && value.id === id) yield value as FollowedOperation;
    }
  } catch {
    return; // Whatever broke the stream: asking goes on, and says what is wrong if the API itself is gone.
  }
}
