'use strict';
// On its own, because `import()` is a syntax error for the Node versions that entry.cjs turns away.
import('./launch.mjs')
  .then(({ launch }) => launch())
  .catch((error) => {
    process.stderr.write(`berth: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 3;
  });
