import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { apiClient } from '../api/client.js';
import type { CommandContext } from '../command-context.js';
import { Output } from '../terminal/output.js';
import { watch } from './watch-operation.js';

const waiting = { state: 'waiting', steps: [{ name: 'await-confirmation', state: 'started', error: null }] };

/** An API whose one operation shows these states, one an answer. */
async function apiShowing(...shown: readonly object[]): Promise<Server> {
  const left = [...shown];
  const operation = { id: 'op-1', kind: 'adopt-tenant', tenantId: 'acme-corp', reason: null, error: null, steps: [] };
  const times = { createdAt: '2026-11-26T10:00:00Z', startedAt: null, endedAt: '2026-11-26T10:00:01Z' };
  const server = createServer((request, response) => {
    if (request.url?.endsWith('/events') === true) return void response.writeHead(503).end();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ...operation, ...times, ...(left.length > 1 ? left.shift() : left[0]) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function watched(word: Parameters<typeof watch>[3], ...shown: readonly object[]) {
  const server = await apiShowing(...shown);
  const [out, err] = [new PassThrough(), new PassThrough()];
  const output = new Output(false, true, out, err);
  try {
    const address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const client = apiClient({ address, key: 'key', hintWhenDown: '' });
    const code = await watch({ output } as CommandContext, client, 'op-1', word);
    return { code, out: String(out.read()) };
  } finally {
    server.close();
  }
}

describe('watching an operation', () => {
  it('stops where it waits for the word of the user', async () => {
    const { code, out } = await watched('start', waiting, { state: 'succeeded' });
    expect([code, out]).toEqual([0, expect.stringContaining('on trial')]);
  });

  it.each([
    ['confirm', 'succeeded', 'adopt-tenant of acme-corp succeeded'],
    ['cancel', 'cancelled', 'adopt-tenant of acme-corp was cancelled'],
  ] as const)('goes on after a %s that the worker has yet to read', async (word, state, sentence) => {
    const { code, out } = await watched(word, waiting, { state });
    expect([code, out]).toEqual([0, expect.stringContaining(sentence)]);
    expect(out).not.toContain('on trial');
  });
});
