// Jest environment: tells a thread of its own (end-in-time.mjs) what is under way, so that a run which hangs ends and says where. A test's
// own time limit does not help where its event loop never turns, and no limit at all holds for a file as a whole.
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { TestEnvironment } from 'jest-environment-node';

let thread;

function say(underWay) {
  if ((process.env.BERTH_TEST_END ?? '') === '') return;
  thread ??= new Worker(new URL('end-in-time.mjs', import.meta.url));
  thread.unref(); // Also after the first message: it would keep a Jest that runs its files itself.
  thread.postMessage(underWay);
}

const names = (block) =>
  block === undefined || block.name === 'ROOT_DESCRIBE_BLOCK' ? [] : [...names(block.parent), block.name];

export default class WatchedEnvironment extends TestEnvironment {
  #file;

  constructor(config, context) {
    super(config, context);
    this.#file = path.relative(config.globalConfig.rootDir, context.testPath);
  }

  async setup() {
    say({ file: this.#file, at: 'what it imports' });
    await super.setup();
  }

  handleTestEvent(event, { currentlyRunningTest }) {
    const test = event.test ?? currentlyRunningTest ?? undefined;
    if (event.name === 'test_fn_start') say({ file: this.#file, at: names(test).join(' ') });
    if (event.name === 'hook_start') {
      const of = names(test ?? event.hook.parent).join(' ');
      say({ file: this.#file, at: [event.hook.type, of].filter(Boolean).join(' of ') });
    }
  }

  async teardown() {
    await super.teardown();
    say(null);
  }
}
