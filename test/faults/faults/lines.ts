import { hasEnded } from '@berth/domain';
import { eventually } from '../../e2e/worker-world.js';
import type { FaultWorld } from '../fault-world.js';
import { likeAnother, type Fault } from '../fault.js';

type Line = keyof FaultWorld['lines'];
const named: Readonly<Record<Line, string>> = { catalog: 'catalog', 'shared-1': 'source', 'shared-2': 'target' };

/** The server keeps the switch's clock: writers wait for no worker that cannot be heard. */
async function writersAreFree({ world }: FaultWorld): Promise<void> {
  const held = `SELECT count(*) FROM pg_locks WHERE mode = 'ShareRowExclusiveLock' AND granted`;
  await eventually(async () => ((await world.servers['shared-1']!.psql(held)) === '0' ? true : null));
}

/** All leases have run out, though no worker hears a word. */
async function nobodyHoldsALease({ world, parts: { catalog } }: FaultWorld): Promise<void> {
  const database = new URL(world.config.BERTH_CATALOG_URL).pathname.slice(1);
  const held = `SELECT count(*) FROM berth.operations WHERE state IN ('running', 'undoing') AND lease_until > clock_timestamp()`;
  await eventually(async () => ((await catalog.psql(held, database)) === '0' ? true : null));
}

const longEnough = async (system: FaultWorld, line: Line): Promise<void> =>
  line === 'catalog' ? await nobodyHoldsALease(system) : await writersAreFree(system);

function stalls(line: Line): Fault {
  let goOn = (): void => undefined;
  return {
    name: `nothing comes through to the ${named[line]}`,
    moment: 'just before the pivot',
    strike: async ({ lines }) => void (goOn = lines[line].stall()),
    async mend(system) {
      try {
        await longEnough(system, line);
      } finally {
        goOn();
      }
    },
  };
}

function drops(line: Line, moment: Fault['moment']): Fault {
  return {
    name: `all connections to the ${named[line]} are lost, and new ones refused`,
    moment,
    async strike({ lines }) {
      lines[line].refuses = true;
      lines[line].cutAll();
    },
    async mend(system) {
      try {
        await longEnough(system, line);
      } finally {
        system.lines[line].refuses = false;
      }
    },
  };
}

const slow: Fault = {
  name: 'all lines are slow and narrow',
  moment: 'ready to switch',
  async strike({ lines }) {
    for (const line of Object.values(lines)) line.pace = { delayMs: 10, bytesPerSecond: 250_000 };
  },
  async mend({ here, lines }, { moveId }) {
    try {
      // It switches over such lines, or says why it does not.
      await here.until(moveId, ({ state }) => hasEnded(state) || state === 'waiting');
    } finally {
      for (const line of Object.values(lines)) line.pace = null;
    }
  },
};

export const ofLines: readonly Fault[] = [
  likeAnother(stalls('catalog')),
  stalls('shared-1'),
  likeAnother(stalls('shared-2')),
  drops('catalog', 'just before the pivot'),
  likeAnother(drops('shared-1', 'just after the pivot')),
  likeAnother(drops('shared-2', 'just after the pivot')),
  slow,
];
