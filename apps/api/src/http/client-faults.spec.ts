import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { FakeSystem } from '@berth/testing';
import { problemDto } from '../problem/problem.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
let port: number;
const sockets: Socket[] = [];

beforeAll(async () => {
  const system = new FakeSystem();
  const patience = { headersMs: 300, requestMs: 600, checkMs: 50 };
  api = await startTestApi({ ...system.catalog, ...system }, { patience });
  await api.app.listen(0, '127.0.0.1');
  ({ port } = api.server.server.address() as AddressInfo);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await api.close();
});

/** Sends the first part, then the drop again and again until the server has had enough; answers with all that it said. */
async function ask(first: string, drop?: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let said = '';
  socket.setEncoding('utf8').on('data', (text: string) => (said += text));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(first);
  const drops = drop === undefined ? undefined : setInterval(() => socket.writable && socket.write(drop), 20);
  await once(socket, 'close');
  clearInterval(drops);
  return said;
}

function problemIn(said: string) {
  const [head = '', body = ''] = said.split('\r\n\r\n');
  expect(head.toLowerCase()).toContain('content-type: application/problem+json');
  return { status: Number(head.split(' ')[1]), ...problemDto.omit({ status: true }).parse(JSON.parse(body)) };
}

const post = (...headers: readonly string[]): string =>
  [
    'POST /v1/tenants HTTP/1.1',
    'Host: x',
    `Authorization: Bearer ${api.adminKey}`,
    'Content-Type: application/json',
    ...headers,
  ].join('\r\n') + '\r\n\r\n';

describe('a client', () => {
  it('whose headers come in drops is let go', async () => {
    const said = await ask('GET /v1/tenants HTTP/1.1\r\nHost: x\r\n', 'X-A: a\r\n');
    expect(problemIn(said)).toMatchObject({ status: 408, code: 'request-timeout' });
  });

  it('that says nothing at all is let go', async () => {
    expect(problemIn(await ask(''))).toMatchObject({ status: 408, code: 'request-timeout' });
  });

  it('whose body comes in drops is let go, with or without a length', async () => {
    const [known, chunked] = await Promise.all([
      ask(post('Content-Length: 100000'), ' '),
      ask(post('Transfer-Encoding: chunked'), '1\r\n \r\n'),
    ]);
    for (const said of [known, chunked])
      expect(problemIn(said)).toMatchObject({ status: 408, code: 'request-timeout' });
  });

  it('that announces too large a body is refused before it sends it', async () => {
    const said = await ask(post('Content-Length: 9000000000', 'Connection: close'));
    expect(problemIn(said)).toMatchObject({ status: 413, code: 'body-too-large' });
  });

  it('whose body has no end is refused when it is too large', async () => {
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    expect(problemIn(await ask(post('Transfer-Encoding: chunked'), chunk))).toMatchObject({
      status: 413,
      code: 'body-too-large',
    });
  });

  it('with too large headers is refused', async () => {
    expect(problemIn(await ask(`GET /v1/tenants HTTP/1.1\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`))).toMatchObject({
      status: 431,
      code: 'headers-too-large',
    });
  });

  it('that speaks something else is refused', async () => {
    expect(problemIn(await ask('SSH-2.0-OpenSSH_9.2\r\n\r\n'))).toMatchObject({ status: 400, code: 'invalid-request' });
  });

  it('that sends a body nested too deep for most is refused, and the next one is served', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const said = await ask(`${post(`Content-Length: ${String(deep.length)}`, 'Connection: close')}${deep}`);
    expect(problemIn(said)).toMatchObject({ status: 400, code: 'invalid-request' });
    expect((await api.call('GET', '/v1/tenants')).status).toBe(200);
  });

  it('that waits for a stream is not let go', async () => {
    const made = await api.call('POST', '/v1/tenants', { body: { id: 'watched', plan: 'starter' } });
    const stream = connect(port, '127.0.0.1');
    sockets.push(stream);
    stream.write(post().replace('POST /v1/tenants ', `GET /v1/operations/${String(made.body['id'])}/events `));
    await once(stream, 'data');
    // Longer than a request may take to come, and a second time.
    for (let turn = 0; turn < 2; turn += 1) await ask(post('Content-Length: 100000'), ' ');
    expect(stream.readyState).toBe('open');
  });
});
