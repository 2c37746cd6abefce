import type { SagaRunner } from '@berth/saga';
import type { Tools } from '@berth/operations';
import { breakableRunner, cancelsAt, type Place } from './breakable-runner.js';
import { lastBefore, type Scenario } from './scenarios/scenario.js';
import { snapshot } from './snapshot.js';
import type { World } from './world.js';

/** A scenario in which nothing breaks. */
export interface Unbroken {
  readonly planned: readonly string[];
  readonly start: object;
  readonly end: object;
  readonly calls: Calls;
}

/** How many calls of ports each step makes. */
type Calls = ReadonlyMap<string, number>;

/** Runs each scenario once without breaking anything, forward, and back; what is broken is compared with that. */
export class UnbrokenRuns {
  readonly #forward = new Map<Scenario, Promise<Unbroken>>();
  readonly #back = new Map<Scenario, Promise<Calls>>();

  constructor(private readonly world: World) {}

  forward(scenario: Scenario): Promise<Unbroken> {
    return this.#once(this.#forward, scenario, () => this.#goForward(scenario));
  }

  /** The calls of each undo, when the operation is cancelled as late as can be. */
  back(scenario: Scenario): Promise<Calls> {
    return this.#once(this.#back, scenario, () => this.#goBack(scenario));
  }

  /** One after another: each is wanted sooner or later, and all at once would be too much. */
  #once<T>(known: Map<Scenario, Promise<T>>, scenario: Scenario, run: () => Promise<T>): Promise<T> {
    const before = known.get(scenario);
    if (before !== undefined) return before;
    const fresh = Promise.allSettled([...this.#forward.values(), ...this.#back.values()]).then(run);
    known.set(scenario, fresh);
    return fresh;
  }

  async #goForward(scenario: Scenario): Promise<Unbroken> {
    const { world } = this;
    const { tenantId, request } = await scenario.prepare(world);
    const start = await snapshot(world, tenantId);
    const { steps } = await world.desk.plan(request);
    const { id } = await world.desk.start(request, 'test');
    await scenario.begun?.(world, id);
    const { calls, runner } = this.#counting('run', () => Promise.resolve());
    expect(await world.runToEnd(id, runner)).toMatchObject({ state: 'succeeded' });
    const end = await snapshot(world, tenantId);
    await scenario.afterwards?.(world, tenantId);
    return { planned: steps.map(({ name }) => name), start, end, calls };
  }

  async #goBack(scenario: Scenario): Promise<Calls> {
    const { world } = this;
    const { start } = await this.forward(scenario);
    const { tenantId, request } = await scenario.prepare(world);
    const { id } = await world.desk.start(request, 'test');
    await scenario.begun?.(world, id);
    const { calls, runner } = this.#counting('undo', async (place) => {
      if (cancelsAt(place, lastBefore(scenario))) await world.desk.cancel(id);
    });
    expect(await world.runToEnd(id, runner)).toMatchObject({ state: 'cancelled' });
    expect(await snapshot(world, tenantId)).toEqual(start);
    return calls;
  }

  #counting(
    counted: Place['direction'],
    act: (place: Place) => Promise<void>,
  ): { readonly calls: Calls; readonly runner: SagaRunner<Tools> } {
    const { app, config } = this.world;
    const calls = new Map<string, number>();
    const runner = breakableRunner(app, config.BERTH_LEASE_MS, async (place) => {
      if (place.direction === counted && place.point === 'inside') calls.set(place.step, place.call);
      await act(place);
    });
    return { calls, runner };
  }
}
