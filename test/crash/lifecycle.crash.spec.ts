import { describeCrashMatrix } from './crash-matrix.js';
import { lifecycle } from './scenarios/lifecycle.js';

describeCrashMatrix('lifecycle', lifecycle);
