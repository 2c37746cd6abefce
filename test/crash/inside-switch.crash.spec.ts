import { readFileSync } from 'node:fs';
import { inTurn, pgbouncerPart, postgresMajors, TenantWriters, whenAvailable } from '@berth/testing';
import { expectWhole, type Neighbour } from '../faults/expect-whole.js';
import { writesOf } from '../faults/findings.js';
import { streamingPostgres } from '../faults/fault-world.js';
import { aligned } from './crash-table.js';
import { manyStreams } from './scenarios/many-streams.js';
import { readyTenant } from './scenarios/tenants.js';
import { snapshot } from './snapshot.js';
import { endOfCell, switchCells, switchPoints, switchTable, type SwitchCell } from './switch-points.js';
import { SwitchWorld } from './switch-world.js';

/** As of the crash matrix, to which the whole switch is one call of a port: not set, the short form, on one version. */
const extent = (process.env['BERTH_CRASH'] ?? '') === '' ? 'short' : 'full';
const streaming = (await postgresMajors()).map(({ major }) => major).filter((major) => major >= 16);
const majors = extent === 'full' ? streaming : inTurn(import.meta.url, streaming).slice(0, 1);
const cells = switchCells(extent);

describe('the points of the switch', () => {
  it('are those that the switch has, in its order', () => {
    const file = new URL('../../libs/adapters/postgres/src/switch/switch-attempt.ts', import.meta.url);
    const run = /async run\(\).*?\n {2}}\n/s.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
    const called = [...run.matchAll(/(?:this\.(#\w+)|clients\?\.(\w+))\(/g)].map(([, own, at]) => own ?? at);
    expect(switchPoints.map(({ method }) => method)).toEqual(called.filter((name) => name !== '#timed'));
  });
});

whenAvailable([streamingPostgres, pgbouncerPart], 'a worker is killed -9 inside the switch', () => {
  describe.each(majors)('on PostgreSQL %i', (major) => {
    let system: SwitchWorld;
    let neighbour: Neighbour;
    let nextDoor: TenantWriters;
    const ends = new Map<SwitchCell, string>();

    beforeAll(async () => {
      system = await SwitchWorld.open({ major, replication: true, settings: manyStreams(major) });
      const tenantId = await readyTenant(system.world);
      neighbour = { tenantId, is: await snapshot(system.world, tenantId) };
      const { secrets } = system.world.tools;
      nextDoor = TenantWriters.start(tenantId, { secrets, writers: 1, restMs: 100, waitMs: 30_000 });
    });

    afterAll(async () => {
      const table = aligned([['point', 'killed', 'goes on', 'cancelled'], ...switchTable(ends)]);
      process.stdout.write(`\nKilled inside the switch, ${extent} form, PostgreSQL ${String(major)}\n${table}\n`);
      await nextDoor?.stop();
      await system?.close();
    });

    const named = cells.map((cell) => [cell.point.name, cell.when, cell.ending, cell] as const);
    const diesThere = async (_point: string, _when: string, _ending: string, cell: SwitchCell): Promise<void> => {
      await system.staff();
      const move = await system.readyToSwitch();
      try {
        await system.dieIn(cell, move);
        expect(await system.takenOver(cell, move)).toBe(endOfCell(cell));
        // Wherever it is now, it works on.
        await move.writers.more(5);
      } finally {
        system.deaf();
        await move.writers.stop();
      }
      expect(await system.mayCreate(move.mover)).toBe(true);
      await nextDoor.more(1);
      await expectWhole(system, move, neighbour);
      ends.set(cell, endOfCell(cell));
    };
    it.each(named)('at %s, %s heard it: %s', diesThere, 900_000);

    it('has refused no write of the neighbour, and lost none', async () => {
      await nextDoor.stop();
      expect(nextDoor.refusal).toBeNull();
      expect(await writesOf(system.world, neighbour.tenantId, nextDoor)).toEqual([]);
    });

    it('has left no point out', () => {
      const missing = cells.filter((cell) => !ends.has(cell));
      expect(missing.map(({ point, when, ending }) => `${point.name}, ${when}: ${ending}`)).toEqual([]);
    });
  });
});
