import { hasEnded } from '@berth/domain';
import type { Pace } from '@berth/testing';
import { eventually } from '../../e2e/worker-world.js';
import { aliasesOf } from '../findings.js';
import type { FaultWorld, LineName } from '../fault-world.js';
import { likeAnother, type Fault } from '../fault.js';
import { onRedis } from './stores.js';

type Line = 'catalog' | 'shared-1' | 'shared-2';
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

type Mending = Required<Pick<Fault, 'mend'>>['mend'];

/** Connections stay open. `enough`: until when. */
function silence(line: LineName, to: string, enough: Mending): Fault {
  let goOn = (): void => undefined;
  return {
    name: `nothing comes through to ${to}`,
    moment: 'just before the pivot',
    strike: async ({ lines }) => void (goOn = lines[line].stall()),
    async mend(system, ten) {
      try {
        await enough(system, ten);
      } finally {
        goOn();
      }
    },
  };
}

const stalls = (line: Line): Fault => silence(line, `the ${named[line]}`, (system) => longEnough(system, line));

/** Who runs needs no queue to end. */
const redisStalls: Fault = {
  ...silence('redis', 'Redis', async ({ here }, { moveId }) => void (await here.ended(moveId))),
  environment: onRedis,
};

const vaultStalls = silence('vault', 'Vault', async ({ here }, { moveId }) => {
  await here.until(moveId, ({ error }) => error?.code === 'secrets-unavailable');
});

/** Nobody waits for it; when it is heard again the workers' round brings it what it missed. */
const poolerStalls: Fault = {
  ...silence('pool-1', 'one of two PgBouncers', async ({ here }, { moveId }) => void (await here.ended(moveId))),
  async settled({ world, parts: { poolers }, lines }, { mover }) {
    const place = await world.tools.placements.current(mover);
    const { port } = lines[place?.clusterId as 'shared-1' | 'shared-2'];
    await eventually(async () => {
      const alias = (await aliasesOf(poolers[0]!)).find(({ name }) => name === mover);
      return alias?.port === port && !alias.held ? true : null;
    });
  },
};

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

/** Of each connection by itself: connections do not share what a line carries. */
const pace: Pace = { delayMs: 10, bytesPerSecond: 250_000 };

const slow: Fault = {
  name: `on all lines each piece takes ${String(pace.delayMs)} ms more, and a connection carries ${String(pace.bytesPerSecond / 1_000)} kB a second`,
  moment: 'ready to switch',
  async strike({ lines }) {
    for (const line of Object.values(lines)) line.pace = pace;
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
  likeAnother(redisStalls),
  likeAnother(vaultStalls),
  likeAnother(poolerStalls),
  drops('catalog', 'just before the pivot'),
  likeAnother(drops('shared-1', 'just after the pivot')),
  likeAnother(drops('shared-2', 'just after the pivot')),
  slow,
];
