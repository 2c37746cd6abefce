/**
 * Last day on which each major version of PostgreSQL gets fixes, as https://www.postgresql.org/support/versioning/ told in November
 * 2026. A version that is not listed is newer than this table.
 */
const postgresSupportedUntil: Readonly<Record<number, string>> = {
  13: '2025-11-13',
  14: '2026-11-12',
  15: '2027-11-11',
  16: '2028-11-09',
  17: '2029-11-08',
  18: '2030-11-14',
};

/** Null: longer than is known here. */
export function supportEnds(postgresMajor: number): Date | null {
  const oldest = Math.min(...Object.keys(postgresSupportedUntil).map(Number));
  const day = postgresSupportedUntil[Math.max(postgresMajor, oldest)];
  return day === undefined ? null : new Date(`${day}T24:00:00Z`);
}
