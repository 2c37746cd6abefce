import { Redis, type RedisOptions } from 'ioredis';

/** A connection whose errors hold no password, and that leaves a server which has stopped answering. */
export class QuietRedis extends Redis {
  /** Many commands may be silent at once; one of them is enough. */
  #isLeaving = false;

  override sendCommand(...[command, stream]: Parameters<Redis['sendCommand']>): unknown {
    const reply = super.sendCommand(command, stream);
    // ioredis keeps the arguments of a command in the error that it is answered with. This one is on its way by now, and never
    // sent again: each new connection logs in by a command of its own.
    if (command.name === 'auth') command.args = [];
    void command.promise.catch((error: unknown) => this.#leaveIfSilent(error));
    return reply;
  }

  override duplicate(override?: Partial<RedisOptions>): QuietRedis {
    return new QuietRedis({ ...this.options, ...override });
  }

  override disconnect(reconnect = false): void {
    const isBetweenAttempts = this.status === 'reconnecting' && !reconnect;
    super.disconnect(reconnect);
    // ioredis would only stop its clock then, and whoever waits for an answer, or for the end, would wait for ever. One more
    // attempt, the last, tells them.
    if (isBetweenAttempts)
      void this.connect().then(
        () => super.disconnect(),
        () => undefined,
      );
  }

  /** A machine that went away without a word leaves a connection that looks well for a quarter of an hour. */
  #leaveIfSilent(error: unknown): void {
    const isSilent = error instanceof Error && error.message === 'Command timed out';
    if (!isSilent || this.status !== 'ready' || this.#isLeaving) return;
    this.#isLeaving = true;
    this.once('close', () => (this.#isLeaving = false));
    this.disconnect(true);
  }
}
