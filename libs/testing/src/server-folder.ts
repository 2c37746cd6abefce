import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Watchdog } from '@berth/local-postgres';

/** Argument: the folder. */
const endServersBelow = `
find "$1" -name postmaster.pid 2>/dev/null | while read -r file; do end_server "\${file%/postmaster.pid}" QUIT; done
rm -rf -- "$1"
`;

/**
 * A temporary folder for servers that outlive whoever starts them, as instances do. They end with the Jest process and the folder
 * goes, however that process ends.
 */
export class ServerFolder {
  readonly #watchdog: Watchdog;

  private constructor(readonly path: string) {
    this.#watchdog = Watchdog.run(endServersBelow, [path]);
  }

  static async make(prefix: string): Promise<ServerFolder> {
    const folder = await mkdtemp(path.join(tmpdir(), prefix));
    // The servers' user must pass through it; what lies in it is 0700.
    await chmod(folder, 0o711);
    return new ServerFolder(folder);
  }

  /** When the servers have ended. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    this.#watchdog.dismiss();
  }
}
