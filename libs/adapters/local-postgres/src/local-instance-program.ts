import { fileURLToPath } from 'node:url';

/** The built command line of one local server, for `node <this> create --dir …`. The same file from source and from dist. */
export const localInstanceProgram = fileURLToPath(new URL('../dist/local-instance.main.js', import.meta.url));
