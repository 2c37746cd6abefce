import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { parseTenantId } from '@berth/domain';
import type { Lease } from '@berth/saga';
import { FakeClusterProbe, FakeJobQueue, FakeOperationDesk, FakeSecretStore, InMemoryCatalog } from '@berth/testing';
import { startTestApi, type TestApi } from '../testing/test-api.js';
import { OperationWatch } from './operation-watch.js';

let catalog: InMemoryCatalog;
let api: TestApi;
let port: number;

beforeEach(async () => {
  catalog = new InMemoryCatalog();
  const desk = new FakeOperationDesk(catalog);
  const ports = {
    ...catalog,
    desk,
    probe: new FakeClusterProbe(),
    queue: new FakeJobQueue(),
    secrets: new FakeSecretStore(),
  };
  api = await startTestApi(ports, { watchTimes: { pollMs: 5, heartbeatMs: 20 } });
  await api.app.listen(0, '127.0.0.1');
  ({ port } = api.server.server.address() as AddressInfo);
});
afterEach(() => api.close());

interface Reader {
  readonly status: number;
  readonly type: string | undefined;
  text: string;
  readonly ended: Promise<void>;
  readonly leave: () => void;
}

function read(operationId: string, headers: Readonly<Record<string, string>> = {}): Promise<Reader> {
  const options = { host: '127.0.0.1', port, path: `/v1/operations/${operationId}/events`, agent: false as const };
  return new Promise((resolve, reject) => {
    const request = get(
      { ...options, headers: { authorization: `Bearer ${api.adminKey}`, ...headers } },
      (response: IncomingMessage) => {
        const ended = new Promise<void>((end) => response.once('close', end));
        const reader: Reader = {
          status: response.statusCode ?? 0,
          type: response.headers['content-type'],
          text: '',
          ended,
          leave: () => request.destroy(),
        };
        response.setEncoding('utf8').on('data', (chunk: string) => (reader.text += chunk));
        response.on('error', () => undefined);
        resolve(reader);
      },
    );
    request.on('error', reject);
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(2);
}

async function startOperation(): Promise<{ readonly id: string; readonly lease: Lease }> {
  const made = await api.call('POST', '/v1/tenants', { body: { id: 'watched', plan: 'starter' } });
  const id = String(made.body['id']);
  const claim = await catalog.journal.claim(id, { owner: 'test', leaseMs: 60_000 });
  if (claim.kind !== 'claimed') throw new Error(`the operation is ${claim.kind}`);
  return { id, lease: claim.operation.lease };
}

/** The events of a stream, comments and `retry` aside. */
function eventsOf({
  text,
}: Reader): readonly { readonly id: string; readonly event: string; readonly data: Record<string, unknown> }[] {
  const blocks = text.split('\n\n').filter((block) => block.includes('event: '));
  return blocks.map((block) => {
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
    return { id: field('id'), event: field('event'), data: JSON.parse(field('data')) as Record<string, unknown> };
  });
}

describe('GET /v1/operations/{id}/events', () => {
  it('tells 200 watchers each change by one poller, and ends with the operation', async () => {
    const { id, lease } = await startOperation();
    let reads = 0;
    const revision = catalog.operations.revision.bind(catalog.operations);
    catalog.operations.revision = (of) => {
      reads += 1;
      return revision(of);
    };
    const readers = await Promise.all(Array.from({ length: 200 }, () => read(id)));
    expect(new Set(readers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(readers[0]?.type).toBe('text/event-stream; charset=utf-8');
    await until(() => readers.every((reader) => eventsOf(reader).length >= 1));
    const watch = api.app.get(OperationWatch);
    expect([watch.pollers, watch.watchers]).toEqual([1, 200]);
    reads = 0;
    const started = performance.now();
    await until(() => reads >= 3);
    // Three looks took about three times the poll's length: two hundred watchers ask no more often than one.
    expect(performance.now() - started).toBeGreaterThanOrEqual(10);

    await catalog.journal.recordStep(lease, 'prepare-work', { kind: 'started' });
    await until(() => readers.every((reader) => eventsOf(reader).length >= 2));
    await catalog.journal.settle(lease, { state: 'succeeded', result: { ok: true } });
    await Promise.all(readers.map(({ ended }) => ended));
    for (const reader of readers) {
      const events = eventsOf(reader);
      expect(events.at(-1)?.event).toBe('end');
      expect(events.at(-2)?.data).toMatchObject({ id, state: 'succeeded', result: { ok: true } });
      expect(new Set(events.slice(0, -1).map((event) => event.id)).size).toBe(events.length - 1);
    }
    expect([watch.pollers, watch.watchers]).toEqual([0, 0]);
  });

  it('leaves out what Last-Event-ID has seen, and keeps the connection open by comments', async () => {
    const { id, lease } = await startOperation();
    const first = await read(id);
    await until(() => eventsOf(first).length === 1);
    const again = await read(id, { 'last-event-id': eventsOf(first)[0]!.id });
    await until(() => again.text.includes(': still here'));
    expect(eventsOf(again)).toEqual([]);
    await catalog.journal.recordStep(lease, 'prepare-work', { kind: 'started' });
    await until(() => eventsOf(again).length === 1);
    expect(eventsOf(again)[0]?.data['steps']).toMatchObject([
      { name: 'prepare-work', state: 'started' },
      { state: 'pending' },
    ]);
    first.leave();
    again.leave();
    await until(() => api.app.get(OperationWatch).pollers === 0);
  });

  it('tells of a move how far it is, again when its lag is known', async () => {
    const { id: made, lease } = await startOperation();
    await catalog.journal.settle(lease, { state: 'succeeded', result: {} });
    const tenantId = parseTenantId('watched');
    await catalog.tenants.transition(tenantId, { from: ['provisioning'], to: 'ready', reason: null });
    const plain = await read(made);
    await plain.ended;
    expect(eventsOf(plain)[0]?.data).not.toHaveProperty('moveProgress');
    const body = { target: { tier: 'dedicated' }, strategy: 'online', switch: 'auto' };
    const { id } = (await api.call('POST', '/v1/tenants/watched/moves', { body })).body as { id: string };
    const reader = await read(id);
    await until(() => eventsOf(reader).length === 1);
    expect(eventsOf(reader)[0]?.data).toMatchObject({ id, moveProgress: null });
    await catalog.moves.transition(id, { from: ['preflight'], to: 'catching-up' });
    await catalog.moves.noteLag(id, { bytes: 12, seconds: 0.4, retainedBytes: 12, at: new Date() });
    await until(() => eventsOf(reader).length === 2);
    expect(eventsOf(reader)[1]?.data).toMatchObject({ id, moveProgress: { lag: { bytes: 12, seconds: 0.4 } } });
    reader.leave();
  });

  it('tells an ended operation once and ends', async () => {
    const { id, lease } = await startOperation();
    await catalog.journal.settle(lease, { state: 'succeeded', result: {} });
    const reader = await read(id);
    await reader.ended;
    expect(eventsOf(reader).map(({ event }) => event)).toEqual(['operation', 'end']);
  });

  it('goes on when the catalog was away', async () => {
    const { id, lease } = await startOperation();
    const reader = await read(id);
    await until(() => eventsOf(reader).length === 1);
    const revision = catalog.operations.revision.bind(catalog.operations);
    let failures = 0;
    catalog.operations.revision = () => {
      failures += 1;
      return Promise.reject(new Error('away'));
    };
    await until(() => failures >= 1);
    catalog.operations.revision = revision;
    await catalog.journal.settle(lease, { state: 'succeeded', result: {} });
    await reader.ended;
    expect(eventsOf(reader).map(({ event }) => event)).toEqual(['operation', 'operation', 'end']);
  });

  it('ends when the process does', async () => {
    const { id } = await startOperation();
    const reader = await read(id);
    await until(() => eventsOf(reader).length === 1);
    await api.app.close();
    await reader.ended;
    expect(eventsOf(reader).at(-1)?.event).toBe('end');
  });

  it('answers a problem where there is nothing to watch', async () => {
    const reply = await api.call('GET', '/v1/operations/0192f3a4-5b6c-7d8e-9f00-112233445566/events');
    expect([reply.status, reply.body['code']]).toEqual([404, 'operation-not-found']);
  });
});
