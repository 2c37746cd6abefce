import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { asBerthError } from '@berth/domain';
import type { Registry } from 'prom-client';

export interface HealthServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly metrics: Registry;
  /** What must work for this process to be of use, by name. A check that rejects makes `/health/ready` answer 503. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
}

/** A check that takes longer counts as failed, in ms: a probe that hangs tells nobody anything. */
const checkDeadlineMs = 2_000;

/** `/metrics`, `/health/live` and `/health/ready`, on a port of their own so that they need no key and no room of the API's. */
export class HealthServer {
  readonly #server: Server;

  constructor(private readonly options: HealthServerOptions) {
    this.#server = createServer((request, response) => {
      this.#answer(request.url ?? '/', response).catch(() => response.writeHead(500).end());
    });
  }

  /** @returns the port */
  async start(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(this.options.port, this.options.host, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(url: string, response: ServerResponse): Promise<void> {
    switch (url.split('?', 1)[0]) {
      case '/metrics':
        response.writeHead(200, { 'content-type': this.options.metrics.contentType });
        response.end(await this.options.metrics.metrics());
        return;
      case '/health/live':
        json(response, 200, { status: 'ok' });
        return;
      case '/health/ready': {
        const parts = await this.#check();
        const ready = Object.values(parts).every((part) => part.status === 'ok');
        json(response, ready ? 200 : 503, { status: ready ? 'ok' : 'not-ready', parts });
        return;
      }
      default:
        json(response, 404, { status: 'not-found', paths: ['/metrics', '/health/live', '/health/ready'] });
    }
  }

  async #check(): Promise<Readonly<Record<string, PartHealth>>> {
    const entries = Object.entries(this.options.checks).map(
      async ([name, check]) => [name, await healthOf(check)] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  }
}

interface PartHealth {
  readonly status: 'ok' | 'failing';
  readonly because?: string;
}

async function healthOf(check: () => Promise<void>): Promise<PartHealth> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${String(checkDeadlineMs)} ms`));
    }, checkDeadlineMs);
  });
  try {
    await Promise.race([check(), deadline]);
    return { status: 'ok' };
  } catch (error) {
    return { status: 'failing', because: asBerthError(error).message };
  } finally {
    clearTimeout(timer);
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
