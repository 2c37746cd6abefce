import { inTurn, pgbouncerPart, vaultPart, whenAvailable } from '@berth/testing';
import { readyTenant } from '../crash/scenarios/tenants.js';
import { snapshot } from '../crash/snapshot.js';
import { expectWhole, type Neighbour } from './expect-whole.js';
import type { Fault } from './fault.js';
import { ofDisks } from './faults/disks.js';
import { ofLines } from './faults/lines.js';
import { ofServers } from './faults/servers.js';
import { ofParts, ofQueues } from './faults/stores.js';
import { ofWorkers } from './faults/workers.js';
import { FaultWorld, redisPart, streamingPostgres } from './fault-world.js';
import { smallDiskPart } from './small-disk.js';
import { TenOperations } from './ten-operations.js';

/** `full`: every fault; else one of each kind, a third of the kinds at a time where tests take turns. */
const extent = process.env['BERTH_FAULTS'] ?? '';
const thirds = inTurn(import.meta.url, [0, 1, 2]);

const parts = [streamingPostgres, vaultPart, redisPart, pgbouncerPart];

whenAvailable(parts, 'while ten operations are under way, one of them an online move about to switch', () => {
  let system: FaultWorld;
  let neighbour: Neighbour;
  beforeAll(async () => {
    system = await FaultWorld.open();
    const tenantId = await readyTenant(system.world);
    neighbour = { tenantId, is: await snapshot(system.world, tenantId) };
  });
  afterAll(async () => {
    await system?.close();
  });

  const breakWith = async (fault: Fault): Promise<void> => {
    await system.staff(fault.environment?.(system));
    const ten = await TenOperations.begin(system, async (tenants) => fault.prepare?.(system, tenants));
    try {
      await ten.strike(fault.moment, () => fault.strike(system, ten));
      await fault.mend?.(system, ten);
    } finally {
      await ten.end();
    }
    process.stderr.write(`${fault.name}, ${fault.moment}: ${await ten.told()}\n`);
    await fault.settled?.(system, ten);
    await expectWhole(system, ten, neighbour);
    await fault.afterwards?.(system, ten);
  };
  const titled = (faults: readonly Fault[]) =>
    faults
      .filter((fault) => extent === 'full' || fault.likeAnother === undefined)
      .map((fault) => [fault.name, fault.moment, fault] as const);
  const title = '%s, %s: all end, and all is whole';
  const test = (_name: string, _moment: string, fault: Fault) =>
    breakWith(fault).catch((error: unknown) => {
      // Now, not when all others have been tried.
      process.stderr.write(`FAILED: ${fault.name}, ${fault.moment}: ${String(error).slice(0, 1_000)}\n`);
      throw error;
    });

  const kinds = titled([...ofServers, ...ofQueues, ...ofParts, ...ofLines, ...ofWorkers]);
  const chosen = kinds.filter((_, index) => extent === 'full' || thirds.includes(index % 3));
  it.each(chosen)(title, test, 600_000);
  whenAvailable(smallDiskPart, 'on a disk of its own', () => {
    it.each(titled(ofDisks))(title, test, 600_000);
  });
});
