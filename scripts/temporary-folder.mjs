// Where tests keep their servers' files. Only Node's own modules here: nothing may be installed yet.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const inMemory = '/dev/shm';
const tmpfs = 0x01021994; // TMPFS_MAGIC of linux/magic.h
const enoughBytes = 8 * 2 ** 30;

/** Containers often have 64 MB there, and some forbid programs. */
function isRoomy(folder) {
  const { type, bavail, bsize } = statfsSync(folder);
  if (type !== tmpfs || bavail * bsize < enoughBytes) return false;
  const trial = path.join(folder, `berth-trial-${process.pid}`);
  writeFileSync(trial, '#!/bin/sh\n', { mode: 0o700 });
  const { status } = spawnSync(trial);
  rmSync(trial);
  return status === 0;
}

/**
 * A new folder for all that tests make, so that it can be told in the end from everybody else's. In memory where there is
 * room: a test server has 1,000 small files, and on a slow disk making them takes longer than the tests. Like /tmp it is
 * open to the servers' user. TMPDIR wins.
 */
export function makeTemporaryFolder() {
  const fast = process.env.TMPDIR === undefined && existsSync(inMemory) && isRoomy(inMemory);
  const folder = mkdtempSync(path.join(fast ? inMemory : tmpdir(), 'berth-test-'));
  chmodSync(folder, 0o1777);
  return folder;
}
