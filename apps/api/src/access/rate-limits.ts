import { Injectable } from '@nestjs/common';
import { BerthError } from '@berth/domain';
import { RequestCounter, type RequestCount } from '@berth/ports';

/** Wrong keys a minute of one address: enough for a mistyped setting. What keeps a key from being guessed is its length. */
const failedAuthenticationsPerMinute = 30;

export interface RateLimitHeaders {
  readonly 'ratelimit-policy': string;
  readonly ratelimit: string;
}

/** Requests a minute of each key, and failed authentications a minute of each address. Who shares the counts is up to the counter. */
@Injectable()
export class RateLimits {
  constructor(
    private readonly counter: RequestCounter,
    private readonly perMinute: number,
  ) {}

  /** @throws BerthError `rate-limited` whose details hold `retryAfterSeconds` */
  async spend(keyId: string): Promise<RateLimitHeaders> {
    const state = await this.counter.add(`key:${keyId}`);
    if (state.count > this.perMinute) throw limited('This API key', this.perMinute, state);
    return {
      'ratelimit-policy': `"key";q=${this.perMinute};w=${RequestCounter.windowSeconds}`,
      ratelimit: `"key";r=${this.perMinute - state.count};t=${seconds(state)}`,
    };
  }

  /** @throws BerthError `rate-limited` for an address that failed too often */
  async refuseGuessing(address: string): Promise<void> {
    const state = await this.counter.look(`address:${address}`);
    if (state.count >= failedAuthenticationsPerMinute) {
      throw limited('This address, after that many failed authentications,', failedAuthenticationsPerMinute, state);
    }
  }

  async countFailure(address: string): Promise<void> {
    await this.counter.add(`address:${address}`);
  }
}

function seconds({ windowEndsInMs }: RequestCount): number {
  return Math.max(1, Math.ceil(windowEndsInMs / 1000));
}

function limited(who: string, perMinute: number, state: RequestCount): BerthError {
  return new BerthError('rate-limited', `${who} may ask ${perMinute} times a minute.`, {
    hint: `Wait ${seconds(state)} seconds and ask again.`,
    details: { retryAfterSeconds: seconds(state) },
  });
}
