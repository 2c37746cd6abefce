import type { CliEnvironment } from '@berth/config';
import { prepareHome, readHomeRecord, type Home, type PreparedHome } from './home.js';
import { chooseInfrastructure } from './infrastructure-choice.js';

/** Makes the folder what it should be, and writes down what was decided for this system. */
export async function settleHome(
  home: Home,
  environment: CliEnvironment,
  migrationsDir: string | undefined,
): Promise<PreparedHome> {
  const before = await readHomeRecord(home);
  return prepareHome(home, {
    infrastructure: await chooseInfrastructure(environment, before?.infrastructure),
    migrationsDir: migrationsDir ?? before?.migrationsDir ?? null,
  });
}
