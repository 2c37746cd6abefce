import type { Config } from '@berth/config';
import type { Failpoint } from '@berth/saga';
import { runChildScript } from '@berth/testing';

/**
 * A worker process that runs one operation and ends itself by SIGKILL at one failpoint: no handler, no clean-up, nothing
 * flushed. It starts before the operation exists, so that its start costs the test no time.
 */
const program = `
  import 'reflect-metadata';
  import { createInterface } from 'node:readline';
  import { Module } from '@nestjs/common';
  import { NestFactory } from '@nestjs/core';
  import { Journal } from '@berth/saga';
  import { FencedToolsToken, SystemModule, ToolsToken } from '@berth/system';
  import { createSagaRunner } from '@berth/worker';

  const { config, at, call } = JSON.parse(process.argv[1]);
  class CrashModule {}
  Module({})(CrashModule);
  const app = await NestFactory.createApplicationContext(
    { module: CrashModule, imports: [SystemModule.forRoot(config)] },
    { logger: false, abortOnError: false },
  );
  const die = () => process.kill(process.pid, 'SIGKILL');
  const isAt = (point, moment) =>
    point !== null && moment === at.moment && ['saga', 'step', 'direction'].every((field) => point[field] === at[field]);
  let acting = null;
  let calls = 0;
  const failpoints = {
    async hit(point) {
      acting = point.moment === 'before' ? point : null;
      if (isAt(point, point.moment)) die();
    },
  };
  // Inside an act: right after its n-th call of a port has done what it does, and before the step hears of it.
  const breaking = (port) =>
    new Proxy(port, {
      get(target, name) {
        const method = Reflect.get(target, name, target);
        if (typeof method !== 'function') return method;
        return async (...given) => {
          const answer = await method.apply(target, given);
          if (isAt(acting, 'inside') && ++calls === call) die();
          return answer;
        };
      },
    });
  const breakingAll = (tools) => Object.fromEntries(Object.entries(tools).map(([name, port]) => [name, breaking(port)]));
  const fenced = (lease) => breakingAll(app.get(FencedToolsToken)(lease));
  const observer = { stepEnded() {}, settled() {} };
  const runner = createSagaRunner({
    tools: breakingAll(app.get(ToolsToken)), fenced, journal: app.get(Journal), observer, failpoints,
    leaseMs: config.BERTH_LEASE_MS,
  });
  console.log('ready');
  for await (const operationId of createInterface({ input: process.stdin })) {
    const report = await runner.run(operationId, new AbortController().signal);
    console.log('survived ' + JSON.stringify(report));
    process.exit(0);
  }
`;

/** Where to break. `inside` means: after the step's `call`-th call of a port. */
export type CrashPoint = Pick<Failpoint, 'saga' | 'step' | 'direction' | 'moment'>;

export interface CrashWorker {
  /** Runs the operation. `survived`: it went past the place, since the step makes fewer calls than that. */
  run(operationId: string): Promise<'killed' | 'survived'>;
}

export function startCrashWorker(config: Config, at: CrashPoint, call = 1): CrashWorker {
  const script = runChildScript(program, { config, at, call });
  return {
    async run(operationId) {
      await script.line('ready');
      script.process.stdin?.end(`${operationId}\n`);
      const { signal } = await script.ended;
      if (signal === 'SIGKILL') return 'killed';
      if (call > 1 && script.lines.some((line) => line.startsWith('survived'))) return 'survived';
      throw new Error(
        `the worker was not killed at ${JSON.stringify(at)}: ${script.lines.join('\n')} ${script.stderr()}`,
      );
    },
  };
}
