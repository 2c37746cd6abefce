import { eventually } from '../../e2e/worker-world.js';
import { likeAnother, type Fault } from '../fault.js';
import { workersLetGo } from '../worker-words.js';

const cluster = (id: 'shared-1' | 'shared-2', moment: Fault['moment']): Fault => ({
  name: `the ${id === 'shared-1' ? 'source' : 'target'} is killed -9`,
  moment,
  strike: async ({ world }) => world.servers[id]!.kill9(),
  mend: async ({ world }) => world.servers[id]!.start(),
});

/** Many leases, and more than any one patience with it. */
const awayMs = 30_000;

function catalogAway(moment: Fault['moment']): Fault {
  let goneAt = 0;
  return {
    name: `the catalog is killed -9, and away for ${String(awayMs / 1_000)} s`,
    moment,
    async strike({ parts: { catalog } }) {
      await catalog.kill9();
      goneAt = performance.now();
    },
    async mend(system) {
      try {
        await workersLetGo(system);
        await eventually(async () => (performance.now() - goneAt >= awayMs ? true : null));
      } finally {
        await system.parts.catalog.start();
      }
    },
  };
}

export const ofServers: readonly Fault[] = [
  likeAnother({
    name: 'the catalog is restarted',
    moment: 'just before the pivot',
    strike: async ({ parts: { catalog } }) => {
      await catalog.halt();
      await catalog.start();
    },
  }),
  likeAnother(catalogAway('just before the pivot')),
  catalogAway('just after the pivot'),
  likeAnother(cluster('shared-1', 'just before the pivot')),
  cluster('shared-1', 'just after the pivot'),
  likeAnother(cluster('shared-2', 'just before the pivot')),
  cluster('shared-2', 'just after the pivot'),
];
