import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What is cut off when a client sends a word: before the server hears it; while it is at it; or after, so that only the answer is lost. */
export interface Cut {
  readonly word: string;
  readonly when: 'before the server' | 'during the work' | 'after the server';
}

/** What is done when one connection has said all this, one after the other, while the last of it, or its answer, is held back. */
export interface Ambush {
  readonly words: readonly RegExp[];
  readonly when: 'before the server' | 'after the server';
  readonly act: () => Promise<void>;
  /** What was held back never arrives: its connection ends with the act. Who said it was killed meanwhile. */
  readonly cutsOff?: true;
}

/** A bad line: how long each piece is under way, and how many bytes fit through it in a second. */
export interface Pace {
  readonly delayMs: number;
  readonly bytesPerSecond: number;
}

/** Stands before a server and breaks, slows or stops connections where a test wants it. */
export class TcpProxy {
  readonly #sockets = new Set<Socket>();
  /** Of the next connection that says the word; then it is null again. */
  cut: Cut | null = null;
  /** Of the first connection that says its words; then it is null again. */
  ambush: Ambush | null = null;
  pace: Pace | null = null;
  /** From now on nobody gets through. */
  refuses = false;
  cuts = 0;
  #stalled: Promise<void> | null = null;
  /** Of each sender, when the last piece of what waits has arrived. */
  readonly #underWay = new WeakMap<Socket, Promise<void>>();

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

  /** Connections stay open, new ones too, and nothing comes through until the answer is called. */
  stall(): () => void {
    let goOn = (): void => undefined;
    this.#stalled = new Promise((resolve) => {
      goOn = () => {
        this.#stalled = null;
        resolve();
      };
    });
    return goOn;
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
    let said = 0;
    let held: Promise<void> | null = null;
    client.on('data', (bytes) => {
      const { cut } = this;
      if (cut !== null && bytes.includes(cut.word)) {
        silent = this.#cutOff(cut, { bytes, client, upstream });
        return;
      }
      const sprung = this.#sprungBy(bytes, said);
      said = sprung.said;
      if (sprung.act === null) return void this.#carry(bytes, client, upstream, null);
      const act = async (): Promise<void> => {
        await sprung.act?.();
        // Both: what is written to one that is to be closed would still get there.
        if (sprung.cutsOff) for (const socket of [client, upstream]) socket.destroy();
      };
      if (sprung.when === 'before the server') return void this.#carry(bytes, client, upstream, act());
      upstream.once('data', () => {
        held = act().finally(() => (held = null));
      });
      this.#carry(bytes, client, upstream, null);
    });
    // After what `once` adds above, or the answer would be gone before it is held.
    upstream.on('data', (bytes) => {
      queueMicrotask(() => void (silent || this.#carry(bytes, upstream, client, held)));
    });
    this.#closeTogether(client, upstream);
  }

  #cutOff(
    { when }: Cut,
    { bytes, client, upstream }: { readonly bytes: Buffer; readonly client: Socket; readonly upstream: Socket },
  ): boolean {
    this.cut = null;
    this.cuts += 1;
    if (when === 'before the server') client.destroy();
    if (when === 'during the work') upstream.write(bytes, () => client.destroy());
    if (when !== 'after the server') return false;
    // The server's answer proves that it has done it; only then the client hears of the cut.
    upstream.once('data', () => client.destroy());
    upstream.write(bytes);
    return true;
  }

  /** How many of the ambush's words this connection has said by now; with the last one, what is to be done. */
  #sprungBy(
    bytes: Buffer,
    saidBefore: number,
  ): Pick<Ambush, 'when'> & {
    readonly said: number;
    readonly act: Ambush['act'] | null;
    readonly cutsOff: boolean;
  } {
    const { ambush } = this;
    if (ambush === null) return { said: 0, when: 'before the server', act: null, cutsOff: false };
    const { words, when, act, cutsOff = false } = ambush;
    const text = bytes.toString('latin1');
    let said = saidBefore;
    while (said < words.length && words[said]?.test(text) === true) said += 1;
    if (said < words.length) return { said, when, act: null, cutsOff };
    this.ambush = null;
    return { said: 0, when, act, cutsOff };
  }

  /** Nothing overtakes what waits. Its sender is not heard meanwhile, but several pieces of it may have been read already. */
  #carry(bytes: Buffer, from: Socket, to: Socket, held: Promise<void> | null): void {
    const before = this.#underWay.get(from) ?? null;
    const waits = [before, held, this.#stalled, this.#timeOf(bytes)].filter((wait) => wait !== null);
    if (waits.length === 0) return void to.write(bytes);
    from.pause();
    const arrives = Promise.all(waits).then(() => {
      to.write(bytes);
      if (this.#underWay.get(from) !== arrives) return;
      this.#underWay.delete(from);
      from.resume();
    });
    this.#underWay.set(from, arrives);
  }

  #timeOf(bytes: Buffer): Promise<void> | null {
    if (this.pace === null) return null;
    return delay(this.pace.delayMs + (bytes.length * 1_000) / this.pace.bytesPerSecond, undefined, { ref: false });
  }

  #closeTogether(client: Socket, upstream: Socket): void {
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
