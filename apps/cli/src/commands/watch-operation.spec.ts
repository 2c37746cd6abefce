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
    return { code, out: String(out.read() ?? '') };
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

  describe('that compares a move again', () => {
    const compared = { equal: true, rows: 15_607, bytes: 2_048, ms: 12, tables: [{}, {}], comparedAt: new Date() };
    const at = (state: string, move: object = {}) => ({
      ...{ kind: 'move-tenant', state, steps: [{ name: 'await-switch', state: 'started', error: null }] },
      ...{ verifyRequestedAt: '2026-11-26T10:00:00Z', comparison: null, ...move },
    });
    const asked = at('waiting');
    const ready = at('waiting', { verifyRequestedAt: null, comparison: compared });

    it('waits until it is compared, and tells what came of it', async () => {
      // The operation, then its move: not yet. The operation at work. Both: it is.
      const shown = [asked, asked, at('running'), ready, { ...ready, state: 'ready' }];
      const { code, out } = await watched('verify', ...shown);
      expect(code).toBe(0);
      expect(out).toMatch(
        /^Compared 15,607 rows \(2\.0 KB\) in 2 tables in 12 ms: equal, (just now|\d+ s ago)\.\nSwitch: berth moves/,
      );
    });

    it('fails with the move when rows differ', async () => {
      const differs = at('waiting', { verifyRequestedAt: null, comparison: { ...compared, equal: false } });
      const { code, out } = await watched('verify', differs, differs, { ...differs, state: 'failed' });
      expect([code, out]).toEqual([1, expect.not.stringContaining('Compared')]);
    });
  });
});
