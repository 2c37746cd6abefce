import { startTenantPair, type TenantPair } from '@berth/testing';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantComparison } from './postgres-tenant-comparison.js';

const work = { signal: new AbortController().signal, onProgress: () => undefined };

/**
 * Types whose values become text, or are read from it, by the tenant's code: the check of a domain, and casts to and from text.
 * The code raises where it runs in a session that could do more than the tenant.
 */
const traps = `
  CREATE FUNCTION looks() RETURNS boolean LANGUAGE plpgsql AS $$
  BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = session_user AND rolcreaterole AND NOT rolsuper)
    THEN RAISE EXCEPTION 'the tenant''s code runs as %', session_user; END IF;
    RETURN true;
  END $$;
  CREATE DOMAIN checked AS int CHECK (looks());
  CREATE TABLE by_domain (id checked PRIMARY KEY);
  INSERT INTO by_domain SELECT * FROM generate_series(1, 60000);
  CREATE TYPE mood AS ENUM ('sad', 'glad');
  CREATE FUNCTION mood_of(text) RETURNS mood LANGUAGE plpgsql AS $$ BEGIN PERFORM looks(); RETURN 'sad'; END $$;
  CREATE FUNCTION text_of(mood) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM looks(); RETURN 'sad'; END $$;
  CREATE TABLE by_enum (mood mood, id int, PRIMARY KEY (mood, id));
  INSERT INTO by_enum SELECT 'glad', * FROM generate_series(1, 60000);
  CREATE TYPE pair AS (a int, b int);
  CREATE FUNCTION text_of(pair) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM looks(); RETURN 'pair'; END $$;
  CREATE TABLE by_composite (pair pair PRIMARY KEY);
  INSERT INTO by_composite SELECT row(g, g)::pair FROM generate_series(1, 1000) g;
  CREATE CAST (text AS mood) WITH FUNCTION mood_of(text);
  CREATE CAST (mood AS text) WITH FUNCTION text_of(mood);
  CREATE CAST (pair AS text) WITH FUNCTION text_of(pair);`;

describe('a comparison, which reads what the tenant wrote', () => {
  let pair: TenantPair;
  let connections: ClusterConnections;
  let comparison: PostgresTenantComparison;

  beforeAll(async () => {
    pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql) });
    connections = new ClusterConnections(pair.directory);
    comparison = new PostgresTenantComparison(connections);
    for (const place of [pair.source, pair.target]) await pair.run(place, traps);
  });
  afterAll(async () => {
    await connections?.close();
    await pair?.close();
  });

  it('runs none of it in its own session', async () => {
    expect(await comparison.compare(pair.source, pair.target, work)).toMatchObject({ equal: true, rows: 121_000 });
  });

  it('names a difference without it too', async () => {
    await pair.run(
      pair.target,
      `DELETE FROM by_domain WHERE id = 30000; DELETE FROM by_enum WHERE id = 30000; DELETE FROM by_composite WHERE pair = row(7, 7)::pair`,
    );
    const { differences } = await comparison.compare(pair.source, pair.target, work);
    expect(differences.map(({ object }) => object).sort()).toEqual([
      'by_composite (pair) = ((7,7))',
      'by_domain (id) = (30000)',
      'by_enum (mood, id) = (glad, 30000)',
    ]);
  });
});
