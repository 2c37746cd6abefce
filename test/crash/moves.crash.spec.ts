import { describeCrashMatrix } from './crash-matrix.js';
import { byDump } from './scenarios/dump.js';

describeCrashMatrix('moves', byDump);
