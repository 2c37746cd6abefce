import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { BerthError } from '@berth/domain';
import { isRoot } from './run-as.js';
import { runProgram } from './run-program.js';
import type { ProgramResult } from './run-program.js';

/** What the installer touches of the machine; the tests put another machine in its place. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly root: boolean;
  readonly osReleaseFile: string;
  readonly createClusterFile: string;
  readonly run: (program: string, args: readonly string[]) => Promise<ProgramResult>;
}

export type InstallResult =
  | { readonly installed: true; readonly log: string }
  /** Berth installs for root on Debian-like systems only; elsewhere the operator types this. */
  | { readonly installed: false; readonly command: string };

export interface InstallOptions {
  /** File that gets the package manager's output. */
  readonly log: string;
  readonly progress?: (sentence: string) => void;
  readonly machine?: Machine;
}

const thisMachine: Machine = {
  platform: process.platform,
  root: isRoot(),
  osReleaseFile: '/etc/os-release',
  createClusterFile: '/etc/postgresql-common/createcluster.conf',
  run: (program, args) => runProgram(program, args, { env: { DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: 900_000 }),
};

/** The line to type on this machine to get PostgreSQL's programs. */
export async function installCommand(machine: Machine = thisMachine): Promise<string> {
  if (machine.platform === 'darwin') return 'brew install postgresql@17';
  const become = machine.root ? '' : 'sudo ';
  const family = await linuxFamily(machine);
  const known: Readonly<Record<string, string>> = {
    debian: `${become}apt-get install -y postgresql`,
    fedora: `${become}dnf install -y postgresql-server postgresql-contrib`,
    suse: `${become}zypper install -y postgresql-server postgresql-contrib`,
    arch: `${become}pacman -S --noconfirm postgresql`,
    alpine: `${become}apk add postgresql postgresql-contrib`,
  };
  return known[family] ?? 'install PostgreSQL 15 or newer, server and client, by your package manager';
}

/** Installs PostgreSQL's programs where Berth may (root on a Debian-like system), without making or starting a server. */
export async function installPostgresPrograms(options: InstallOptions): Promise<InstallResult> {
  const machine = options.machine ?? thisMachine;
  const command = await installCommand(machine);
  if (!machine.root || (await linuxFamily(machine)) !== 'debian') return { installed: false, command };
  const aptGet = async (sentence: string, ...args: readonly string[]): Promise<boolean> => {
    options.progress?.(sentence);
    const { code, stdout, stderr } = await machine.run('apt-get', ['-q', ...args]);
    await appendFile(options.log, `# apt-get ${args.join(' ')}\n${stdout}${stderr}`);
    return code === 0;
  };
  // The common package comes first, alone: it brings the setting that keeps the server package from making a cluster of its
  // own at install time, which would run beside ours and take port 5432.
  const common = ['install', '-y', '--no-install-recommends', 'postgresql-common'];
  let done = await aptGet('installing postgresql-common', ...common);
  if (!done) {
    done = await aptGet('reading the package lists', 'update');
    done = done && (await aptGet('installing postgresql-common', ...common));
  }
  done =
    done && (await withoutMainCluster(machine, () => aptGet('installing postgresql', 'install', '-y', 'postgresql')));
  if (done) return { installed: true, log: options.log };
  throw new BerthError(
    'postgres-programs-missing',
    `apt-get could not install PostgreSQL; its output is in ${options.log}`,
    {
      hint: `See what it says, then: ${command}`,
      details: { log: options.log, installCommand: command },
    },
  );
}

/** Puts the file back as it was: how this machine makes clusters of its own later is not ours to decide. */
async function withoutMainCluster<T>(machine: Machine, install: () => Promise<T>): Promise<T> {
  const before = await readFile(machine.createClusterFile, 'utf8');
  await writeFile(machine.createClusterFile, `${before}\ncreate_main_cluster = false\n`);
  try {
    return await install();
  } finally {
    await writeFile(machine.createClusterFile, before);
  }
}

async function linuxFamily(machine: Machine): Promise<string> {
  if (machine.platform !== 'linux') return machine.platform;
  const release = await readFile(machine.osReleaseFile, 'utf8').catch(() => '');
  const value = (key: string): string => new RegExp(`^${key}="?([^"\n]*)`, 'm').exec(release)?.[1] ?? '';
  const words = [value('ID'), ...value('ID_LIKE').split(' ')];
  const families: Readonly<Record<string, string>> = {
    ubuntu: 'debian',
    rhel: 'fedora',
    centos: 'fedora',
    opensuse: 'suse',
  };
  for (const word of words) {
    const family = families[word] ?? word;
    if (['debian', 'fedora', 'suse', 'arch', 'alpine'].includes(family)) return family;
  }
  return words[0] ?? '';
}
