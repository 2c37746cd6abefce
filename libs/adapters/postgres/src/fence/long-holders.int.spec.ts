import type { Actor, Place } from '@berth/domain';
import { startTenantPair, type TenantPair } from '@berth/testing';
import { Client } from 'pg';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantGate } from '../gate/postgres-tenant-gate.js';
import { PostgresTenantFence } from './postgres-tenant-fence.js';

interface Parts {
  readonly fence: PostgresTenantFence;
  readonly gate: PostgresTenantGate;
  readonly place: Place;
  readonly actor: Actor;
}
type Act = (parts: Parts) => Promise<void>;

const prepare: Act = ({ fence, place, actor }) => fence.prepare(place, 2, actor);
/** A gate that is open, as after a switch. */
const openGate: Act = async ({ gate, place, actor }) => {
  await gate.close(place, 2, actor);
  await gate.open(place, actor);
};
const nothing: Act = async () => undefined;
const autovacuum = 'LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE';
const report = 'SELECT count(*) FROM t';

describe('who holds a table of the tenant for long', () => {
  let pair: TenantPair;
  let connections: ClusterConnections;
  let parts: Parts;
  let count = 0;
  const clients: Client[] = [];

  beforeAll(async () => {
    pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql) });
    connections = new ClusterConnections(pair.directory);
  });
  beforeEach(async () => {
    count += 1;
    const { source: place, actor } = await pair.another(`held-${String(count)}`);
    parts = { fence: new PostgresTenantFence(connections), gate: new PostgresTenantGate(connections), place, actor };
    await pair.run(place, 'CREATE TABLE t (id int); CREATE TABLE u (id int)');
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end()));
  });
  afterAll(async () => {
    await connections?.close();
    await pair?.close();
  });

  const connect = async (): Promise<Client & { readonly processID: number }> => {
    const options = `-c search_path=${parts.place.schema}`;
    const connectionString = pair.sourceServer.superuserUrl(parts.place.database);
    const client = new Client({ connectionString, options });
    clients.push(client);
    await client.connect();
    return client as Client & { readonly processID: number };
  };

  /** Writes and reads without a pause until the act has ended; whoever queues behind a lock is told soon. */
  const workWhile = async (act: Promise<unknown>): Promise<void> => {
    const client = await connect();
    await client.query(`SET lock_timeout = '100ms'`);
    let ended = false;
    void act.catch(() => undefined).finally(() => (ended = true));
    while (!ended) await client.query('INSERT INTO t VALUES (1)').then(() => client.query('SELECT FROM t LIMIT 1'));
  };

  it.each<[string, Act, string, Act]>([
    ['a fence that is to stand', nothing, autovacuum, prepare],
    ['a fence that is to go', prepare, autovacuum, ({ fence, place, actor }) => fence.remove(place, actor)],
    ['the triggers of a fence', prepare, report, ({ fence, place, actor }) => fence.remove(place, actor)],
    ['the triggers of a gate', openGate, report, ({ gate, place, actor }) => gate.remove(place, actor)],
  ])('is waited for by %s, is named, and keeps nobody else', async (_name, given, held, act) => {
    await given(parts);
    const holder = await connect();
    await holder.query(`BEGIN; ${held}`);
    const acting = act(parts);
    await workWhile(acting);
    await expect(acting).rejects.toMatchObject({
      ...{ code: 'lock-timeout', retry: 'wait' },
      message: expect.stringContaining(`session ${String(holder.processID)}`),
      details: { table: 't' },
    });
    await holder.query('COMMIT');
    await act(parts);
  });

  it('is waited for by a gate that is to close', async () => {
    const holder = await connect();
    await holder.query(`BEGIN; ${autovacuum}`);
    const { gate, place, actor } = parts;
    await expect(gate.close(place, 2, actor)).rejects.toMatchObject({ code: 'lock-timeout', details: { table: 't' } });
    expect(await gate.state(place)).toBe('none');
    await holder.query('COMMIT');
    await gate.close(place, 2, actor);
    expect(await gate.state(place)).toBe('closed');
  });
});
