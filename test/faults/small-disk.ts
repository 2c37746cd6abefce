import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serverUser } from '@berth/local-postgres';
import type { TestPart } from '@berth/testing';

const sizeMb = 300;
/** What is left when it is full: enough for the small rows of those who create a tenant meanwhile, and not for a copy. */
const leftBytes = 2 * 1024 * 1024;

function mount(sizeOf: number): { readonly folder: string; readonly refusal: string | null } {
  const folder = mkdtempSync(path.join(tmpdir(), 'berth-disk-'));
  const { status, stderr, error } = spawnSync('mount', [
    '-t',
    'tmpfs',
    '-o',
    `size=${String(sizeOf)}m`,
    'tmpfs',
    folder,
  ]);
  if (status === 0) return { folder, refusal: null };
  rmSync(folder, { recursive: true });
  return { folder, refusal: error?.message ?? stderr.toString().trim() };
}

function unmount(folder: string): void {
  execFileSync('umount', ['--lazy', folder]);
  rmSync(folder, { recursive: true });
}

/** Whether this machine lets us mount one: containers often do not. */
function refusalHere(): string | undefined {
  const { folder, refusal } = mount(1);
  if (refusal !== null) return `no file system can be mounted here (${refusal})`;
  unmount(folder);
  return undefined;
}

export const smallDiskPart: TestPart = { name: 'a disk to fill', missing: refusalHere() };

/** A file system of its own, in memory, that a test fills to the brim. */
export class SmallDisk {
  private constructor(readonly folder: string) {}

  /** For PostgreSQL's own user. */
  static async mount(): Promise<SmallDisk> {
    const { folder, refusal } = mount(sizeMb);
    if (refusal !== null) throw new Error(refusal);
    const { uid, gid, drops } = await serverUser();
    if (drops) chownSync(folder, uid, gid);
    chmodSync(folder, 0o700);
    return new SmallDisk(folder);
  }

  /** To the last byte first: the server writes meanwhile, so nobody knows beforehand how much there is. */
  async fill(): Promise<void> {
    const ballast = await open(this.#ballast, 'w');
    const piece = Buffer.alloc(leftBytes);
    let size = 0;
    try {
      for (;;) size += (await ballast.write(piece)).bytesWritten;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      await ballast.truncate(Math.max(0, size - leftBytes));
    } finally {
      await ballast.close();
    }
  }

  async empty(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  unmount(): void {
    unmount(this.folder);
  }

  get #ballast(): string {
    return path.join(this.folder, 'ballast');
  }
}
