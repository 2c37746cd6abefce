import { RequestCounter } from '@berth/ports';
import { describeRequestCounterContract } from '../contracts/request-counter.contract.js';
import { FakeRequestCounter } from './fake-request-counter.js';

describeRequestCounterContract('that is a fake', async () => {
  let now = 0;
  const counter = new FakeRequestCounter(() => now);
  const pass = async (ms: number): Promise<void> => {
    now += ms;
  };
  return { counter, other: counter, windowMs: RequestCounter.windowSeconds * 1000, pass, close: () => counter.close() };
});
