/** A tenant's move takes a slot and a worker in each direction, and the matrix has many at once. */
export function manyStreams(major: number): Readonly<Record<string, number>> {
  const many = {
    max_replication_slots: 200,
    max_wal_senders: 200,
    max_worker_processes: 150,
    max_logical_replication_workers: 120,
  };
  return major < 18 ? many : { ...many, max_active_replication_origins: 200 };
}
