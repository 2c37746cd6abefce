import { pgbouncerPart, whenAvailable, type StartPostgresOptions } from '@berth/testing';
import { cellsOf, wantedOf, type Cell } from './cells.js';
import { crashTable, missingIn, type Row } from './crash-table.js';
import { MatrixRun } from './matrix-run.js';
import { stepsOf, type Scenario } from './scenarios/scenario.js';
import { firstMigration, World } from './world.js';

/** Not set: the short form of all; `full`: the full form of all; else the full form of the one scenario of that name. */
const asked = process.env['BERTH_CRASH'] ?? '';

/**
 * Kills workers at every cell of these scenarios, reads the real servers afterwards, and prints what was broken. `some`: the steps that the short
 * form breaks, where another matrix breaks the others.
 */
export function describeCrashMatrix(
  name: string,
  all: readonly Scenario[],
  servers: StartPostgresOptions = {},
  some?: readonly string[],
): void {
  const extent = asked === '' ? 'short' : 'full';
  const one = all.filter((scenario) => scenario.name === asked);
  const scenarios = extent === 'short' || asked === 'full' ? all : one;
  // A cell waits for all that die with it, and for the runs that nothing breaks.
  const deadlineMs = extent === 'full' ? 4 * 3_600_000 : 1_800_000;
  const cells = cellsOf(scenarios, extent, some);

  if (scenarios.length === 0) throw new Error(`there is no scenario named ${asked} here`);
  whenAvailable(pgbouncerPart, `crash matrix: ${name}`, () => {
    let world: World;
    let run: MatrixRun;
    let outcomes: ReadonlyMap<Cell, Promise<readonly Row[]>>;
    const rows: Row[] = [];
    const say = (text: string) => process.stderr.write(`crash matrix of ${name}: ${text}\n`);

    beforeAll(async () => {
      world = await World.open({}, { [firstMigration]: 'SELECT 1;' }, servers);
      await world.withPooler();
      run = await MatrixRun.in(world, (done, waiting) => {
        if (extent === 'full') say(`${String(done)} broken, ${String(waiting)} to go`);
      });
      // All at once, for the batches; each test below waits for its own cell.
      outcomes = new Map(cells.map((cell) => [cell, run.break(cell)]));
      for (const [{ scenario, step, direction, point, ending }, outcome] of outcomes)
        outcome.catch((error: unknown) => {
          say(
            `FAILED: ${scenario.name}, ${step.name}, ${direction}, ${point}, ${ending}: ${String(error).slice(0, 300)}`,
          );
        });
    });

    afterAll(async () => {
      process.stdout.write(`\nCrash matrix of ${name}, ${extent} form\n${crashTable(rows)}\n`);
      await run.end();
      await world.close();
    });

    describe.each(scenarios)('$name', (scenario) => {
      it(
        'ends as it should when nothing breaks, by the steps that are broken below',
        async () => {
          const { planned, end } = await run.unbroken.forward(scenario);
          expect(planned).toEqual(stepsOf(scenario).map((step) => step.name));
          const cluster =
            scenario.endsOn === 'own'
              ? (expect.stringMatching(/^dedicated-<tenant>-g\d+$/) as string)
              : scenario.endsOn;
          expect(end).toMatchObject({
            tenant: { state: scenario.endsAs },
            writableOn: cluster === null ? [] : [cluster],
            leftovers: [],
            leftOfMoves: [],
          });
        },
        deadlineMs,
      );

      const its = cells.filter((cell) => cell.scenario === scenario);
      if (its.length > 0)
        it.each(its.map((cell) => [cell.direction, cell.step.name, cell.point, cell.ending, cell] as const))(
          'killed in the %s of %s (%s): %s',
          async (_direction, _step, _point, _ending, cell) => void rows.push(...((await outcomes.get(cell)) ?? [])),
          deadlineMs,
        );
    });

    if (scenarios === all)
      it('has left no step of these sagas out', () => {
        expect(missingIn(rows, wantedOf(all, extent, some))).toEqual([]);
      });
  });
}
