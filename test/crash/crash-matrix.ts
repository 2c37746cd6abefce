import type { TenantId } from '@berth/domain';
import { sagas } from '@berth/operations';
import type { Failpoint, RuntimeStep } from '@berth/saga';
import { startCrashWorker } from './crash-worker.js';
import { stepsOf, type Scenario } from './scenarios.js';
import { snapshot } from './snapshot.js';
import { fill, readContent } from './tenant-data.js';
import { freshTenantId, World } from './world.js';

const moments = ['before', 'inside', 'after', 'journaled'] as const;
type Ending = 'resume' | 'cancel';

interface Cell {
  readonly step: RuntimeStep;
  readonly moment: Failpoint['moment'];
  readonly ending: Ending;
}

/**
 * Each step × before the act, inside it after each call of a port, after it, after the journal × resume, cancel. The short form
 * takes one cell a step, in turn.
 */
function cellsOf(scenario: Scenario, full: boolean): readonly Cell[] {
  const { breakAt } = scenario;
  const steps = stepsOf(scenario).filter(({ name }) => breakAt === undefined || name in breakAt);
  const all = steps.map((step) =>
    moments.flatMap((moment) => (['resume', 'cancel'] as const).map((ending): Cell => ({ step, moment, ending }))),
  );
  if (full) return all.flat();
  if (breakAt !== undefined)
    return all.flat().filter(({ moment, ending }) => moment !== 'journaled' && ending === 'resume');
  return all.map((cells, index) => cells[(index * 5 + scenario.name.length) % cells.length] as Cell);
}

/** Kills a worker at every cell of every scenario, and reads the real servers afterwards. */
export function describeCrashMatrix(name: string, scenarios: readonly Scenario[]): void {
  const full = process.env['BERTH_CRASH'] === 'full';
  describe(`crash matrix: ${name}`, () => {
    let world: World;
    let neighbour: TenantId;
    let neighbourContent: string;
    const rows: string[] = [];

    beforeAll(async () => {
      world = await World.open();
      neighbour = freshTenantId();
      await world.perform({
        kind: 'provision-tenant',
        tenantId: neighbour,
        plan: await world.planOfTier('shared'),
        constraints: { labels: {} },
        clusterId: 'shared-1',
      });
      await fill(world, neighbour);
      neighbourContent = await neighbours();
    }, 120_000);

    afterAll(async () => {
      process.stdout.write(
        `\n${name}, ${full ? 'complete' : 'one cell a step'}: ${String(rows.length)} cells\n${rows.join('\n')}\n`,
      );
      await world.close();
    }, 300_000);

    const neighbours = async () => {
      const place = await world.tools.placements.current(neighbour);
      if (place === null) throw new Error('the neighbour has lost its place');
      return await readContent(world, place);
    };

    const breakAt = async (scenario: Scenario, cell: Cell, call: number, reference: object) => {
      const { step, moment, ending } = cell;
      const at = { saga: sagas[scenario.kind].name, step: step.name, direction: 'run', moment } as const;
      const worker = startCrashWorker(world.config, at, call);
      const { tenantId, request } = await scenario.prepare(world);
      const start = await snapshot(world, tenantId);
      const { id } = await world.desk.start(request, 'test');
      if ((await worker.run(id)) === 'survived') return 'survived';

      const accepted = ending === 'cancel' && (await cancelled(world, id)) && !hasDecided(cell);
      const operation = await world.runToEnd(id);

      expect(operation).toMatchObject({ state: accepted ? 'cancelled' : 'succeeded', error: null });
      expect(await snapshot(world, tenantId)).toEqual(accepted ? start : reference);
      expect(await neighbours()).toBe(neighbourContent);
      const where = moment === 'inside' ? `inside, call ${String(call)}` : moment;
      rows.push(`${scenario.name} | ${step.name} | ${where} | ${ending} | ${operation.state}`);
      return 'killed';
    };

    describe.each(scenarios)('$name', (scenario) => {
      let reference: object;

      it('ends as it should when nothing breaks, and plans the steps that are broken below', async () => {
        const { tenantId, request } = await scenario.prepare(world);
        const plan = await world.desk.plan(request);
        expect(plan.steps.map((step) => step.name)).toEqual(stepsOf(scenario).map((step) => step.name));
        await world.perform(request);
        reference = await snapshot(world, tenantId);
        const cluster =
          scenario.endsOn === 'own' ? (expect.stringMatching(/^dedicated-<tenant>-g\d+$/) as string) : scenario.endsOn;
        expect(reference).toMatchObject({
          tenant: { state: scenario.endsAs },
          writableOn: cluster === null ? [] : [cluster],
          leftovers: [],
        });
      }, 60_000);

      it.each(cellsOf(scenario, full).map((cell) => [cell.step.name, cell.moment, cell.ending, cell] as const))(
        'killed at %s (%s): %s',
        async (_step, _moment, _ending, cell) => {
          // Inside the act, the complete form goes on to the next call until the step has made all of its calls.
          const last = full && cell.moment === 'inside' ? Infinity : 1;
          const first = full || cell.moment !== 'inside' ? 1 : (scenario.breakAt?.[cell.step.name] ?? 1);
          for (
            let call = first;
            call <= Math.max(first, last) && (await breakAt(scenario, cell, call, reference)) === 'killed';
            call += 1
          );
        },
        full ? 600_000 : 90_000,
      );
    });
  });
}

/** A wish that comes after the deciding act, though before the journal knew of it, finds that the decision was made. */
const hasDecided = ({ step, moment }: Cell) => step.side === 'pivot' && (moment === 'inside' || moment === 'after');

/** Whether the cancellation was taken; after the point of no return it is refused, and the operation goes forward. */
async function cancelled(world: World, id: string): Promise<boolean> {
  try {
    await world.desk.cancel(id);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'past-point-of-no-return' });
    return false;
  }
}
