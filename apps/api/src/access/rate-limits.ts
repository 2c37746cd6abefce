import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { BerthError } from '@berth/domain';

const windowSeconds = 60;
/** Wrong keys a minute of one address: enough for a mistyped setting, too few to guess. */
const failedAuthenticationsPerMinute = 30;

export interface RateLimitHeaders {
  readonly 'ratelimit-policy': string;
  readonly ratelimit: string;
}

/** Requests a minute of each key, and failed authentications a minute of each address. In memory: each process counts alone. */
@Injectable()
export class RateLimits {
  private readonly keys: RateLimiterMemory;
  private readonly addresses = new RateLimiterMemory({
    points: failedAuthenticationsPerMinute,
    duration: windowSeconds,
  });

  constructor(private readonly perMinute: number) {
    this.keys = new RateLimiterMemory({ points: perMinute, duration: windowSeconds });
  }

  /** @throws BerthError `rate-limited` whose details hold `retryAfterSeconds` */
  async spend(keyId: string): Promise<RateLimitHeaders> {
    const state = await this.keys.consume(keyId).catch((refused: unknown) => {
      throw isState(refused) ? limited('This API key', this.perMinute, refused) : refused;
    });
    return {
      'ratelimit-policy': `"key";q=${this.perMinute};w=${windowSeconds}`,
      ratelimit: `"key";r=${state.remainingPoints};t=${seconds(state)}`,
    };
  }

  /** @throws BerthError `rate-limited` for an address that failed too often */
  async refuseGuessing(address: string): Promise<void> {
    const state = await this.addresses.get(address);
    if (state !== null && state.consumedPoints >= failedAuthenticationsPerMinute) {
      throw limited('This address, after that many failed authentications,', failedAuthenticationsPerMinute, state);
    }
  }

  async countFailure(address: string): Promise<void> {
    await this.addresses.penalty(address, 1);
  }
}

function isState(value: unknown): value is RateLimiterRes {
  return typeof value === 'object' && value !== null && 'msBeforeNext' in value;
}

function seconds(state: RateLimiterRes): number {
  return Math.max(1, Math.ceil(state.msBeforeNext / 1000));
}

function limited(who: string, perMinute: number, state: RateLimiterRes): BerthError {
  return new BerthError('rate-limited', `${who} may ask ${perMinute} times a minute.`, {
    hint: `Wait ${seconds(state)} seconds and ask again.`,
    details: { retryAfterSeconds: seconds(state) },
  });
}
