import { pgbouncerPart, whenAvailable } from '@berth/testing';
import { describeCrashMatrix } from './crash-matrix.js';
import { routed } from './scenarios.js';

whenAvailable(pgbouncerPart, 'behind a PgBouncer', () => describeCrashMatrix('poolers', routed));
