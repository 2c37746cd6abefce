import type { Socket } from 'node:net';
import pg from 'pg';

type Words = readonly unknown[];

/**
 * A session that is cut when it does not answer in time. A server that is silent while its connections stay open (a stopped
 * machine, a line that loses everything) ends no statement by itself, and keepalive finds it alive: whoever waits would wait for
 * hours, and with it the place of a worker. Cutting the socket ends all that stands behind the statement, too, and a pool keeps no
 * session that still waits.
 */
export function impatientSession(answerMs: number): typeof pg.Client {
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      const ask = this.query.bind(this) as (...words: Words) => unknown;
      const cut = (): void => {
        const { stream } = (this as unknown as { readonly connection: { readonly stream: Socket } }).connection;
        stream.destroy(new Error(`Connection terminated: no answer within ${String(answerMs / 1_000)} s`));
      };
      const timed = (...words: Words): unknown => {
        const timer = setTimeout(cut, answerMs);
        const told = words.at(-1);
        if (typeof told !== 'function')
          return (ask(...words) as Promise<unknown>).finally(() => {
            clearTimeout(timer);
          });
        return ask(...words.slice(0, -1), (...answer: Words): void => {
          clearTimeout(timer);
          (told as (...answer: Words) => void)(...answer);
        });
      };
      this.query = timed as typeof this.query;
    }
  };
}
