import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** What is cut off when a client sends a word: before the server hears it; while it is at it; or after, so that only the answer is lost. */
export interface Cut {
  readonly word: string;
  readonly when: 'before the server' | 'during the work' | 'after the server';
}

/** Stands before a server and breaks connections where a test wants it. */
export class TcpProxy {
  readonly #sockets = new Set<Socket>();
  /** Of the next connection that says the word; then it is null again. */
  cut: Cut | null = null;
  /** From now on nobody gets through. */
  refuses = false;
  cuts = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: { readonly host: string; readonly port: number },
  ) {}

  static async before(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, target);
    server.on('connection', (client) => proxy.#pass(client));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Every connection that is open now. */
  cutAll(): void {
    for (const socket of [...this.#sockets]) socket.destroy();
  }

  async close(): Promise<void> {
    this.cutAll();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #pass(client: Socket): void {
    if (this.refuses) return void client.destroy();
    const upstream = connect(this.target.port, this.target.host);
    this.#sockets.add(client);
    let silent = false;
    client.on('data', (bytes) => {
      const { cut } = this;
      if (cut === null || !bytes.includes(cut.word)) return void upstream.write(bytes);
      this.cut = null;
      this.cuts += 1;
      if (cut.when === 'before the server') return void client.destroy();
      if (cut.when === 'during the work') return void upstream.write(bytes, () => client.destroy());
      silent = true;
      // The server's answer proves that it has done it; only then the client hears of the cut.
      upstream.once('data', () => client.destroy());
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => void (silent || client.write(bytes)));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}
