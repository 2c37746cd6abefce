import type { Place } from '@berth/domain';
import type { TestPostgres } from '@berth/testing';

/** A server, and the tenants' own database on it. */
interface Side {
  readonly server: TestPostgres;
  readonly place: Pick<Place, 'database'>;
}

/** What neighbours write to, in the tenants' own database. */
export async function makeNoiseTable({ server, place }: Side): Promise<string> {
  await server.psql(
    'CREATE TABLE public.noise AS SELECT id, 0 AS n FROM generate_series(1, 10000) id; ALTER TABLE public.noise ADD PRIMARY KEY (id)',
    place.database,
  );
  return server.superuserUrl(place.database);
}

/** Where each of them connects to: half of them to each server. */
export async function neighboursOf(
  { now, other }: { readonly now: Side; readonly other: Side },
  count: number,
): Promise<readonly string[]> {
  const urls = [await makeNoiseTable(now), await makeNoiseTable(other)];
  return Array.from({ length: count }, (_, neighbour) => urls[neighbour % urls.length] ?? '');
}
