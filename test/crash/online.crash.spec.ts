import { postgresMajors, whenAvailable } from '@berth/testing';
import { describeCrashMatrix } from './crash-matrix.js';
import { online } from './scenarios/online.js';

const majors = (await postgresMajors()).map(({ major }) => major).filter((major) => major >= 16);
const missing = majors.length > 0 ? undefined : '16 or newer is not here (BERTH_TEST_PG_BINS names bin folders)';
const major = majors[0] ?? 16;
// A tenant's move takes a slot and a worker in each direction, and the matrix has many at once.
const many = {
  max_replication_slots: 200,
  max_wal_senders: 200,
  max_worker_processes: 150,
  max_logical_replication_workers: 120,
};
const settings = major < 18 ? many : { ...many, max_active_replication_origins: 200 };

whenAvailable({ name: 'PostgreSQL 16 or newer', missing }, 'online moves', () => {
  describeCrashMatrix('online moves', online, { major, replication: true, settings });
});
