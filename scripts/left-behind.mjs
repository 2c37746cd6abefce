// What a run of the tests has left in its temporary folder: files, and processes that name the folder.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Caches of the tools that run the tests; they are made for the next run, and go with the folder. */
const caches = /^(jest_|swc-|node-compile-cache|v8-compile-cache|\.lark_cache_)/;

/** One line for each, by name; empty when nothing is left. Servers whose process was killed are given time to end. */
export async function leftIn(folder, patienceMs = 15_000) {
  const end = performance.now() + patienceMs;
  for (;;) {
    const left = [...filesIn(folder), ...processesOf(folder)];
    if (left.length === 0 || performance.now() > end) return left;
    await pause(200);
  }
}

function filesIn(folder) {
  return readdirSync(folder).filter((name) => !caches.test(name));
}

/** By arguments, working folder or environment. Only where there is /proc: elsewhere what they hold is found, and not they. */
function processesOf(folder) {
  const names = (pid) => {
    const said = ['cmdline', 'environ'].map((file) => read(() => readFileSync(`/proc/${pid}/${file}`, 'utf8')));
    return [...said, read(() => readlinkSync(`/proc/${pid}/cwd`))].some((text) => text.includes(folder));
  };
  return read(() => readdirSync('/proc'), [])
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid && names(pid))
    .map(
      (pid) =>
        `process ${pid}: ${read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
          .replaceAll('\0', ' ')
          .trim()}`,
    );
}

/** A process may end while it is looked at, or be somebody else's. */
function read(look, otherwise = '') {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
