import type { Actor, Place, StreamDirection } from '@berth/domain';
import type { SwitchRequest } from '@berth/ports';
import { postgresParts, standBeforeSwitch, startTenantPair, type TenantPair, whenAvailable } from '@berth/testing';
import { Client } from 'pg';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantFence } from '../fence/postgres-tenant-fence.js';
import { PostgresTenantGate } from '../gate/postgres-tenant-gate.js';
import { PostgresTenantReplication } from '../replication/postgres-tenant-replication.js';
import { dropSlot } from '../replication/slot.js';
import { PostgresTenantSwitch } from './postgres-tenant-switch.js';

const postgres = await postgresParts();
const soon = { timeoutMs: 20_000 };

whenAvailable(postgres(15), 'streams that take turns around a switch', () => {
  let pair: TenantPair;
  let connections: ClusterConnections;
  let replication: PostgresTenantReplication;
  let fence: PostgresTenantFence;
  let gate: PostgresTenantGate;
  let switchover: PostgresTenantSwitch;
  let source: Place;
  let target: Place;
  let actor: Actor;
  let streams: SwitchRequest['streams'];
  let request: SwitchRequest;
  let count = 0;

  beforeAll(async () => {
    const server = { major: 15, replication: true };
    pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql), source: server, target: server });
    connections = new ClusterConnections(pair.directory);
    replication = new PostgresTenantReplication(connections);
    fence = new PostgresTenantFence(connections);
    gate = new PostgresTenantGate(connections);
    switchover = new PostgresTenantSwitch(connections);
  });
  afterAll(async () => {
    await connections?.close();
    await pair?.close();
  });
  beforeEach(async () => {
    count += 1;
    ({ source, target, actor } = await pair.another(`turned-${String(count)}`));
    for (const place of [source, target]) await pair.run(place, 'CREATE TABLE written (n int PRIMARY KEY)');
    request = await standBeforeSwitch({ replication, fence, gate }, { source, target, actor });
    ({ streams } = request);
  });
  afterEach(async () => {
    for (const stream of Object.values(streams)) await replication.remove(stream, actor);
  });

  const write = (place: Place, n: number): Promise<string> =>
    pair.run(place, `INSERT INTO written VALUES (${String(n)})`);
  const written = (place: Place): Promise<string> =>
    pair.run(place, `SELECT coalesce(string_agg(n::text, ' ' ORDER BY n), '') FROM written`);
  const is = async (direction: StreamDirection): Promise<string> =>
    (await replication.state(streams[direction])).subscription;
  /** Both follow, nothing meets itself, and each row is at either place once. */
  const bringsBack = async (rows: string): Promise<void> => {
    await replication.awaitApplied(streams.reverse, soon);
    await replication.awaitApplied(streams.forward, soon);
    expect([await written(source), await written(target)]).toEqual([rows, rows]);
    for (const stream of Object.values(streams))
      expect(await replication.state(stream)).toMatchObject({ subscription: 'enabled', applyErrors: 0 });
  };

  it('lets the way back stand still from before the lock until its turn, and then bring all that was written', async () => {
    await write(source, 1);
    await switchover.run(request, actor);
    expect(await is('reverse')).toBe('disabled');
    await write(target, 2);
    await switchover.turn(streams, actor);
    await write(target, 3);
    await bringsBack('1 2 3');
  });

  it('starts the way back again after a try that decided nothing, and tries anew', async () => {
    const holder = new Client({ connectionString: pair.sourceServer.superuserUrl(source.database) });
    await holder.connect();
    await holder.query(`BEGIN; INSERT INTO ${source.schema}.written VALUES (1)`);
    await expect(switchover.run({ ...request, attempts: 1 }, actor)).rejects.toMatchObject({ code: 'lock-timeout' });
    expect(await is('reverse')).toBe('enabled');
    await holder.query('COMMIT');
    await holder.end();
    await switchover.run(request, actor);
    await switchover.turn(streams, actor);
    await bringsBack('1');
  });

  it('starts one again that a worker which is gone had stopped: when it is given up, and when it is tried anew', async () => {
    await replication.pause(streams.reverse, actor);
    await switchover.giveUp(streams, actor);
    expect(await is('reverse')).toBe('enabled');
    await replication.awaitApplied(streams.reverse, soon);
    await replication.pause(streams.reverse, actor);
    await switchover.run(request, actor);
    await switchover.turn(streams, actor);
    await bringsBack('');
  });

  it('starts none once it is decided: it would pass by what is written at the new place', async () => {
    await switchover.run(request, actor);
    await switchover.giveUp(streams, actor);
    expect(await is('reverse')).toBe('disabled');
    await write(target, 1);
    await switchover.turn(streams, actor);
    await bringsBack('1');
  });

  it('goes on with a turn that was cut off, and with one that is done', async () => {
    await switchover.run(request, actor);
    await replication.pause(streams.forward, actor);
    await switchover.turn(streams, actor);
    await write(target, 1);
    await replication.pause(streams.forward, actor);
    await replication.awaitApplied(streams.reverse, soon);
    await switchover.turn(streams, actor);
    await write(target, 2);
    await bringsBack('1 2');
  });

  it('asks an operator where the slot does not reach back to the opening of the gate, and can be told to go on', async () => {
    await switchover.run(request, actor);
    await dropSlot(connections, streams.reverse, actor);
    await write(target, 1);
    await replication.keepChanges(streams.reverse, actor, soon);
    const lost = { code: 'stream-lost', retry: 'operator', details: { opened: expect.any(String) as string } };
    await expect(switchover.turn(streams, actor)).rejects.toMatchObject(lost);
    // As the runbook says.
    await pair.targetServer.psql(
      `UPDATE berth.gate SET opened_lsn = (SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '${streams.reverse.name}')
       WHERE tenant_id = '${actor.tenantId}'`,
      target.database,
    );
    await switchover.turn(streams, actor);
    await write(target, 2);
    await replication.awaitApplied(streams.reverse, soon);
    expect(await written(source)).toBe('2');
  });
});
