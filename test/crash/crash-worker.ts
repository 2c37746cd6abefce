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
  import { SystemModule, ToolsToken } from '@berth/system';
  import { createSagaRunner } from '@berth/worker';

  const { config, at } = JSON.parse(process.argv[1]);
  class CrashModule {}
  Module({})(CrashModule);
  const app = await NestFactory.createApplicationContext(
    { module: CrashModule, imports: [SystemModule.forRoot(config)] },
    { logger: false, abortOnError: false },
  );
  const failpoints = {
    async hit(point) {
      if (Object.keys(at).every((field) => point[field] === at[field])) process.kill(process.pid, 'SIGKILL');
    },
  };
  const observer = { stepEnded() {}, settled() {} };
  const runner = createSagaRunner({
    tools: app.get(ToolsToken), journal: app.get(Journal), observer, leaseMs: config.BERTH_LEASE_MS, failpoints,
  });
  console.log('ready');
  for await (const operationId of createInterface({ input: process.stdin })) {
    const report = await runner.run(operationId, new AbortController().signal);
    console.log('survived ' + JSON.stringify(report));
    process.exit(0);
  }
`;

export interface CrashWorker {
  readonly ready: Promise<unknown>;
  /** Runs the operation; resolves when SIGKILL ended the process, and fails when the failpoint was never reached. */
  run(operationId: string): Promise<void>;
}

export function startCrashWorker(config: Config, at: Failpoint): CrashWorker {
  const script = runChildScript(program, { config, at });
  return {
    ready: script.line('ready'),
    async run(operationId) {
      await script.line('ready');
      script.process.stdin?.end(`${operationId}\n`);
      const { signal } = await script.ended;
      if (signal !== 'SIGKILL') {
        throw new Error(
          `the worker was not killed at ${JSON.stringify(at)}: ${script.lines.join('\n')} ${script.stderr()}`,
        );
      }
    },
  };
}
