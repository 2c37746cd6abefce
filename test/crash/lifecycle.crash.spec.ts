import { describeCrashMatrix } from './crash-matrix.js';
import { lifecycle } from './scenarios.js';

describeCrashMatrix('lifecycle', lifecycle);
