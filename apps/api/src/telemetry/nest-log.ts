import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** What Nest says, as lines of our log. Its tale of each module and route at start is for debugging. */
export class NestLog implements LoggerService {
  constructor(private readonly pino: Logger) {}

  log(message: unknown, context?: unknown): void {
    this.pino.debug({ context }, textOf(message));
  }

  warn(message: unknown, context?: unknown): void {
    this.pino.warn({ context }, textOf(message));
  }

  error(message: unknown, ...rest: readonly unknown[]): void {
    const [stack, context] = rest.length > 1 ? rest : [undefined, rest[0]];
    this.pino.error({ context, stack, ...(message instanceof Error && { err: message }) }, textOf(message));
  }

  debug(message: unknown, context?: unknown): void {
    this.pino.debug({ context }, textOf(message));
  }

  verbose(message: unknown, context?: unknown): void {
    this.pino.trace({ context }, textOf(message));
  }
}

function textOf(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'string' ? message : JSON.stringify(message);
}
