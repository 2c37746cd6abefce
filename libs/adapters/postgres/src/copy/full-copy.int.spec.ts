import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Actor, Place } from '@berth/domain';
import {
  accessTo,
  asTenant,
  awkwardSchema,
  FakeClusterDirectory,
  makeTenantPlace,
  startPostgres,
  type TestPostgres,
} from '@berth/testing';
import { ClusterConnections } from '../connection/index.js';
import { berthSchema } from '../connection/berth-schema.js';
import { PostgresTenantComparison } from '../comparison/postgres-tenant-comparison.js';
import { PostgresTenantFence } from '../fence/postgres-tenant-fence.js';
import { PostgresTenantCopy } from './postgres-tenant-copy.js';

const sql = berthSchema.map((entry) => entry.sql);
const work = { signal: new AbortController().signal, onProgress: () => undefined };

describe('copying a whole schema', () => {
  let servers: readonly TestPostgres[] = [];
  let connections: ClusterConnections;
  let dumps: string;
  let copy: PostgresTenantCopy;
  let source: Place;
  let target: Place;
  let actor: Actor;

  beforeAll(async () => {
    servers = await Promise.all([startPostgres({ major: 15 }), startPostgres({ major: 15 })]);
    const directory = new FakeClusterDirectory();
    const places: Place[] = [];
    for (const [index, server] of servers.entries()) {
      const database = await server.createDatabase();
      const clusterId = `cluster-${String(index)}`;
      directory.put(accessTo(server, clusterId, database));
      places.push(await makeTenantPlace(server, { clusterId, database, tenantId: 'acme' }, sql));
    }
    [source, target] = [places[0]!, places[1]!];
    actor = { operationId: 'op-1', tenantId: source.tenantId, fence: 1 };
    connections = new ClusterConnections(directory);
    dumps = await mkdtemp(path.join(tmpdir(), 'berth-dumps-'));
    copy = new PostgresTenantCopy({ connections, dumpsFolder: dumps, programsFor: async () => servers[0]!.bin });
    await asTenant(servers[0]!, source, awkwardSchema);
  });

  afterAll(async () => {
    await connections?.close();
    await Promise.all(servers.map((server) => server.stop()));
    await rm(dumps, { recursive: true, force: true });
  });

  it('copies a schema that hurts, so that nothing differs', async () => {
    const fence = new PostgresTenantFence(connections);
    const before = await fence.fingerprint(source);
    await fence.prepare(source, 2, actor);
    await fence.arm(source, 2, actor, { lockTimeoutMs: 1000 });
    expect(await fence.state(source)).toBe('armed');
    expect(await fence.fingerprint(source)).toBe(before);

    const dump = await copy.dump(source, 'move-1', work);
    expect(dump.bytes).toBeGreaterThan(0);
    await copy.restore('move-1', target, actor, work);
    await copy.analyze(target, work);
    const report = await new PostgresTenantComparison(connections).compare(source, target, work);
    expect(report.differences).toEqual([]);
    expect(report.equal).toBe(true);
    expect(await fence.fingerprint(target)).toBe(before);
    expect(await fence.state(target)).toBe('open');
  });

  it('rehearses a dump on the server that it came from, and leaves nothing there', async () => {
    const report = await copy.rehearse('move-1', source, work);
    expect(report.differences).toEqual([]);
    expect(await servers[0]!.psql(`SELECT count(*) FROM pg_database WHERE datname LIKE 'berth_scratch%'`)).toBe('0');
  });

  it('discards a dump', async () => {
    await copy.discard('move-1');
    await copy.discard('move-1');
    expect(await readdir(dumps)).toEqual([]);
  });
});
