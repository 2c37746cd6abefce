import { endProcess } from '@berth/local-postgres';
import { dedicatedServers, systemServers } from './postgres-servers.js';
import type { Home } from './home.js';
import { writeJson } from './json-file.js';
import { phase, type Tell } from './progress.js';
import { emptyState, readState } from './state.js';

/** Dedicated instances first: API and worker are gone already, the catalog is the last that anybody could need. */
export async function stopServers(home: Home, mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
  for (const servers of [await dedicatedServers(home), systemServers(home)])
    await Promise.all(servers.map(({ server }) => server.stop({ mode })));
}

/** Stops a system that nobody supervises: what a killed supervisor left behind. */
export async function stopOrphans(home: Home, tell: Tell): Promise<void> {
  const { programs } = await readState(home);
  await phase(tell, 'worker stopped', () => endProcess(programs.worker.process, 30_000), detailOf);
  await phase(tell, 'API stopped', () => endProcess(programs.api.process, 10_000), detailOf);
  await phase(tell, 'PostgreSQL servers stopped', () => stopServers(home));
  await writeJson(home.state, emptyState);
}

function detailOf(result: 'ended' | 'killed' | 'absent'): string {
  return { ended: '', killed: 'killed, it did not hear', absent: 'did not run' }[result];
}

/** Removes every server with its data; each must be stopped or may be stopped at once. */
export async function destroyServers(home: Home): Promise<number> {
  const servers = [...(await dedicatedServers(home)), ...systemServers(home)];
  const results = await Promise.all(servers.map(({ server }) => server.destroy()));
  return results.filter((result) => result === 'destroyed').length;
}
