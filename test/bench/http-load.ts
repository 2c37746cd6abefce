import { connect } from 'node:net';

export interface Load {
  readonly port: number;
  readonly path: () => string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
}

/** Answers a second. Keep-alive connections that each ask again when the answer is there; raw, so that the client costs little. */
export async function measureRate(load: Load): Promise<number> {
  const until = performance.now() + load.seconds * 1000;
  const counts = await Promise.all(Array.from({ length: load.connections }, () => askUntil(until, load)));
  return counts.reduce((sum, count) => sum + count, 0) / load.seconds;
}

function askUntil(until: number, { port, path, headers }: Load): Promise<number> {
  const head = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    let count = 0;
    let seen = Buffer.alloc(0);
    const ask = (): void => {
      if (performance.now() >= until) {
        socket.destroy();
        resolve(count);
      } else socket.write(`GET ${path()} HTTP/1.1\r\nhost: bench\r\n${head}\r\n`);
    };
    socket.on('connect', ask).on('error', reject);
    socket.on('data', (chunk) => {
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
      const end = seen.indexOf('\r\n\r\n');
      if (end < 0) return;
      const top = seen.toString('latin1', 0, end);
      const length = Number(/content-length: (\d+)/i.exec(top)?.[1]);
      if (seen.length < end + 4 + length) return;
      if (!top.startsWith('HTTP/1.1 200')) reject(new Error(seen.toString('utf8')));
      seen = Buffer.alloc(0);
      count += 1;
      ask();
    });
  });
}
