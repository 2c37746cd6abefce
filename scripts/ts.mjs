// node --import ./scripts/ts.mjs some.ts: runs TypeScript. Packages of this repository still resolve to their built code
// (that is what a benchmark measures); add --conditions=source for their sources.
import { register } from 'node:module';

register('./ts-hooks.mjs', import.meta.url);
