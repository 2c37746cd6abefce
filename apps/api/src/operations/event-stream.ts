import type { FastifyReply, FastifyRequest } from 'fastify';
import { moveProgressBody } from '../moves/move-progress.js';
import { operationBody } from './operation.dto.js';
import type { OperationNews, OperationWatch, Watcher } from './operation-watch.js';

/** A reader this far behind is cut off: it comes back with Last-Event-ID, and the process keeps its memory. */
const mostUnreadBytes = 1_048_576;

/** One text for all who watch: made once for each piece of news. */
const texts = new WeakMap<OperationNews, string>();

function textOf(news: OperationNews): string {
  const known = texts.get(news);
  if (known !== undefined) return known;
  const text = `id: ${news.revision}\nevent: operation\ndata: ${JSON.stringify(bodyOf(news))}\n\n`;
  texts.set(news, text);
  return text;
}

function bodyOf({ operation, moveProgress }: OperationNews): object {
  const body = operationBody(operation);
  if (moveProgress === undefined) return body;
  return { ...body, moveProgress: moveProgress === null ? null : moveProgressBody(moveProgress) };
}

/** Answers with the stream; returns at once. The stream ends with the operation, with the reader or with the process. */
export function streamOperation(
  operationId: string,
  request: FastifyRequest,
  reply: FastifyReply,
  watch: OperationWatch,
): void {
  const seen = Number(request.headers['last-event-id'] ?? Number.NaN);
  const raw = reply.raw;
  reply.hijack();
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    connection: 'keep-alive',
  });
  // HEAD asks what would be answered: a stream without a body would never end.
  if (request.method === 'HEAD') {
    raw.end();
    return;
  }
  raw.write('retry: 2000\n\n');
  const write = (text: string): void => {
    if (raw.writableLength > mostUnreadBytes) raw.destroy();
    else raw.write(text);
  };
  const watcher: Watcher = {
    onNews: (news) => {
      if (news.revision !== seen) write(textOf(news));
    },
    onHeartbeat: () => write(': still here\n\n'),
    onEnd: () => raw.end('event: end\ndata: {}\n\n'),
  };
  const stop = watch.watch(operationId, watcher);
  raw.on('close', stop);
  raw.on('error', stop);
}
