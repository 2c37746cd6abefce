import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TcpProxy } from './tcp-proxy.js';

describe('a proxy that breaks connections', () => {
  let echo: Server;
  let proxy: TcpProxy;
  const heard: string[] = [];
  beforeEach(async () => {
    heard.length = 0;
    echo = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        heard.push(bytes.toString());
        socket.write(bytes);
      });
    });
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    proxy = await TcpProxy.before({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
  });
  afterEach(async () => {
    await proxy.close();
    await new Promise((resolve) => echo.close(resolve));
  });

  const connected = async (): Promise<Socket> => {
    const socket = connect(proxy.port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
  const ask = async (socket: Socket, text: string): Promise<string> => {
    socket.write(text);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString();
  };

  it('acts before the server hears the last of its words, of one connection that said them all', async () => {
    const [other, one] = [await connected(), await connected()];
    let heardMeanwhile: readonly string[] = [];
    proxy.ambush = {
      words: [/first/, /second/],
      when: 'before the server',
      act: async () => void (heardMeanwhile = [...heard]),
    };
    expect(await ask(other, 'second')).toBe('second');
    expect(await ask(one, 'first')).toBe('first');
    expect(proxy.ambush).not.toBeNull();
    expect(await ask(one, 'the second')).toBe('the second');
    expect(heardMeanwhile).toEqual(['second', 'first']);
    expect(proxy.ambush).toBeNull();
  });

  it('acts after the server did it, and before anybody hears of it', async () => {
    const one = await connected();
    const answers: string[] = [];
    one.on('data', (bytes) => answers.push(bytes.toString()));
    const seen = new Promise<object>((resolve) => {
      proxy.ambush = {
        words: [/COMMIT/],
        when: 'after the server',
        act: async () => {
          await new Promise(setImmediate);
          resolve({ heard: [...heard], answers: [...answers] });
        },
      };
    });
    one.write('COMMIT');
    expect(await seen).toEqual({ heard: ['COMMIT'], answers: [] });
    while (answers.length === 0) await new Promise(setImmediate);
    expect(answers).toEqual(['COMMIT']);
  });

  it.each([
    ['before the server', []],
    ['after the server', ['COMMIT']],
  ] as const)('ends the connection with its act, %s: what was held back never arrives', async (when, arrived) => {
    const one = await connected();
    const answers: string[] = [];
    one.on('error', () => undefined).on('data', (bytes) => answers.push(bytes.toString()));
    const acted = new Promise<void>((resolve) => {
      proxy.ambush = { words: [/COMMIT/], when, cutsOff: true, act: async () => resolve() };
    });
    const closed = once(one, 'close');
    one.write('COMMIT');
    await Promise.all([acted, closed]);
    expect(await ask(await connected(), 'the next')).toBe('the next');
    expect({ heard: heard.slice(0, -1), answers }).toEqual({ heard: arrived, answers: [] });
  });

  it('lets nothing through while it stalls, and loses nothing', async () => {
    const one = await connected();
    const goOn = proxy.stall();
    one.write('held');
    const late = await connected();
    late.write('late');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard).toEqual([]);
    goOn();
    while (heard.length < 2) await new Promise(setImmediate);
    expect([...heard].sort()).toEqual(['held', 'late']);
  });

  it('carries everything in order over a slow line', async () => {
    const one = await connected();
    proxy.pace = { delayMs: 1, bytesPerSecond: 1_000_000 };
    const text = Array.from({ length: 5_000 }, (_, n) => String(n)).join(' ');
    one.write(text);
    let back = '';
    one.on('data', (bytes) => (back += bytes.toString()));
    while (back.length < text.length) await new Promise(setImmediate);
    expect(back).toBe(text);
  });

  it('lets nothing overtake what is large and comes before', async () => {
    const pieces = Array.from(
      { length: 60 },
      (_, index) => `<${String(index)}${'.'.repeat(index % 2 === 0 ? 6_000 : 5)}>`,
    );
    const all = pieces.join('');
    // One by one, so that several are read while the first is under way.
    const speaker = createServer((socket) => {
      socket.setNoDelay().on('error', () => undefined);
      void (async () => {
        for (const piece of pieces) await new Promise((resolve) => socket.write(piece, () => setImmediate(resolve)));
      })();
    });
    await new Promise<void>((resolve) => speaker.listen(0, '127.0.0.1', resolve));
    const line = await TcpProxy.before({ host: '127.0.0.1', port: (speaker.address() as AddressInfo).port });
    line.pace = { delayMs: 1, bytesPerSecond: 1_000_000 };
    const listener = connect(line.port, '127.0.0.1');
    let told = '';
    listener.on('data', (bytes) => (told += bytes.toString()));
    while (told.length < all.length) await once(listener, 'data');
    await line.close();
    await new Promise((resolve) => speaker.close(resolve));
    expect(told === all).toBe(true);
  });
});
