import { describeCrashMatrix } from './crash-matrix.js';
import { moves } from './scenarios.js';

describeCrashMatrix('moves', moves);
