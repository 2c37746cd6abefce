import { postgresMajors, whenAvailable } from '@berth/testing';
import { describeCrashMatrix } from './crash-matrix.js';
import { manyStreams } from './scenarios/many-streams.js';
import { online } from './scenarios/online.js';

const majors = (await postgresMajors()).map(({ major }) => major).filter((major) => major >= 16);
const missing = majors.length > 0 ? undefined : '16 or newer is not here (BERTH_TEST_PG_BINS names bin folders)';
const major = majors[0] ?? 16;
whenAvailable({ name: 'PostgreSQL 16 or newer', missing }, 'trap 6: online moves', () => {
  describeCrashMatrix('online moves', online, { major, replication: true, settings: manyStreams(major) });
});
