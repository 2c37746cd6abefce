import type { RunAs } from './run-as.js';
import { runProgram } from './run-program.js';
import type { ServerFiles } from './server-files.js';

/**
 * Every server process works in its data folder, and all but the first carry a title. Those whose parent is a living server
 * of this folder are spared: somebody else may have started it meanwhile. Run as the server's user, who alone may see them.
 */
const script = `
for process in /proc/[0-9]*; do
  [ "$(readlink "$process/cwd" 2>/dev/null)" = "$1" ] || continue
  case "$(tr '\\000' ' ' < "$process/cmdline" 2>/dev/null)" in "postgres: "*) ;; *) continue ;; esac
  parent=$(sed -n 's/^PPid:[[:space:]]*//p' "$process/status" 2>/dev/null)
  tr '\\000' '\\n' < "/proc/$parent/cmdline" 2>/dev/null | grep -qxF -- "$1" && continue
  kill -QUIT "\${process#/proc/}" 2>/dev/null
done
exit 0
`;

/**
 * Ends what is left of a server whose first process was killed: sessions in the middle of a long computation notice it late,
 * and no server may start beside them. PostgreSQL then recovers by its log, as it does when it ends
 * them itself. Linux only: elsewhere there is nothing to find them by, and a start waits for them.
 */
export async function endOrphans(files: ServerFiles, runAs: RunAs): Promise<void> {
  if (process.platform !== 'linux') return;
  await runProgram('/bin/sh', ['-c', script, 'sh', files.data], { runAs, timeoutMs: 10_000 });
}
