import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { environmentSchema } from '@berth/config';
import { allSagas } from '@berth/operations';
import { cellsOf, keyOf, wantedOf } from '../crash/cells.js';
import { missingIn } from '../crash/crash-table.js';
import { byDump } from '../crash/scenarios/dump.js';
import { lifecycle } from '../crash/scenarios/lifecycle.js';
import { online } from '../crash/scenarios/online.js';
import { sagaOf, stepsOf } from '../crash/scenarios/scenario.js';
import { repositoryRoot } from './seeded-tree.js';

const sources = ['apps', 'libs']
  .flatMap((top) =>
    readdirSync(path.join(repositoryRoot, top), { recursive: true, encoding: 'utf8' }).map((file) =>
      path.join(top, file),
    ),
  )
  .filter((file) => /\/src\/.*\.ts$/.test(file) && !/node_modules|\.spec\.ts$|^libs\/testing\//.test(file));
const naming = (word: RegExp) =>
  sources.filter((file) => word.test(readFileSync(path.join(repositoryRoot, file), 'utf8'))).sort();

describe('failpoints', () => {
  it('are off in every program that is built: the worker has none, and no setting or argument reaches them', () => {
    // The engine passes what it is given; of all that is shipped, only the worker gives it something, and that does nothing.
    expect(naming(/failpoint/i).filter((file) => !file.startsWith('libs/saga/src/'))).toEqual([
      'apps/worker/src/saga-runner.ts',
      'apps/worker/src/worker.ts',
    ]);
    expect(naming(/createSagaRunner\(|new SagaRunner\b/)).toEqual([
      'apps/worker/src/saga-runner.ts',
      'apps/worker/src/worker.ts',
    ]);
    const worker = readFileSync(path.join(repositoryRoot, 'apps/worker/src/worker.ts'), 'utf8');
    expect(worker.match(/^ +failpoints\b.*/gm)).toEqual(['    failpoints: noFailpoints,']);
    expect(worker).toContain('startWorker(config: Config, log: Logger): Promise');
    expect(Object.keys(environmentSchema.shape).filter((name) => /FAIL|CRASH|BREAK/.test(name))).toEqual([]);
  });
});

describe('the crash matrix', () => {
  it('has every step of every saga: a new one needs a scenario in test/crash/scenarios', () => {
    const broken = [...lifecycle, ...byDump, ...online].flatMap((scenario) =>
      stepsOf(scenario).map(({ name }) => `${sagaOf(scenario).name}/${name}`),
    );
    const all = allSagas.flatMap(({ name, steps }) => steps.map((step) => `${name}/${step.name}`));
    expect([...new Set(broken)].sort()).toEqual([...all].sort());
  });

  it.each(['short', 'full'] as const)(
    'misses a cell of one scenario, whatever another one has, in its %s form',
    (extent) => {
      for (const scenarios of [lifecycle, byDump, online]) {
        const rows = cellsOf(scenarios, extent).map((cell) => ({
          ...cell,
          ...{ scenario: cell.scenario.name, step: cell.step.name, call: 1, endedAs: 'succeeded' },
        }));
        const wanted = wantedOf(scenarios, extent);
        expect(missingIn(rows, wanted)).toEqual([]);
        const [first] = rows;
        expect(missingIn(rows.slice(1), wanted)).toEqual(first && [keyOf(first.scenario, first.step, first)]);
      }
    },
  );
});
