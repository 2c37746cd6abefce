import { Module, type DynamicModule } from '@nestjs/common';
import type { Config } from '@berth/config';
import { SystemModule } from '@berth/system';

/** All that a worker is given: every port with its adapter. What it does with them is `worker.ts`. */
@Module({})
export class WorkerModule {
  /** `onQueueError` hears of troubles that the queue's own connections have. */
  static forRoot(config: Config, onQueueError: (error: Error) => void): DynamicModule {
    return { module: WorkerModule, imports: [SystemModule.forRoot(config, onQueueError)] };
  }
}
