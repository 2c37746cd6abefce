import { setTimeout as pause } from 'node:timers/promises';
import { BerthError, type Place, type ReplicationStream, streamsOf, type TenantSecret, tenantUrl } from '@berth/domain';
import { lockTimeoutMs } from '@berth/operations';
import type { LiveComparison, SwitchReport } from '@berth/ports';
import {
  ClusterConnections,
  PostgresClusterProbe,
  PostgresOnlineCopy,
  PostgresTenantCopy,
  PostgresTenantFence,
  PostgresTenantGate,
  PostgresTenantReplication,
  PostgresTenantSwitch,
} from '@berth/postgres';
import { type StartPostgresOptions, startTenantPair, type TenantPair, type TestPostgres } from '@berth/testing';
import { durable } from './bench-system.js';
import { type HeldParts, HeldPartsSeen } from './held-parts.js';

const work = { signal: new AbortController().signal, onProgress: () => undefined };
const awaited = { timeoutMs: 60_000 };
/** The saga's own bound of the lock, and the other two as its step `switch-over` names them. */
const bounds = { deadlineMs: 1_000, lockTimeoutMs, attempts: 20 } as const;

/** Tells when the gate is open: clients learn of it then, while the switch still closes its sessions. And what held a comparison's writers. */
class OpeningSeen extends ClusterConnections {
  onOpen = (): void => undefined;
  readonly held = new HeldPartsSeen();
  #decided = false;

  override withClient: ClusterConnections['withClient'] = (clusterId, database, fn) =>
    super.withClient(clusterId, database, (client) => {
      const send = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
      const query = async (...args: unknown[]): Promise<unknown> => {
        const began = performance.now();
        const answer = await send(...args);
        this.held.see(String(args[0]), performance.now() - began);
        if (String(args[0]).startsWith('INSERT INTO berth.moved')) this.#decided = true;
        else if (this.#decided && args[0] === 'COMMIT') {
          this.#decided = false;
          this.onOpen();
        }
        return answer;
      };
      return fn(Object.assign(client, { query }));
    });
}

/** An autovacuum holds a table for longer than anybody is made to wait for it; an operation waits and tries again, and so does this. */
async function onceFree(act: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      if (!(error instanceof BerthError && error.code === 'lock-timeout')) throw error;
      await pause(500);
    }
  }
}

export interface Standing {
  readonly server: TestPostgres;
  readonly place: Place;
}

/** A tenant on two durable servers with a stream in each direction, that can be switched there and back as often as one likes. */
export class StandingStreams {
  readonly #connections: OpeningSeen;
  readonly #replication: PostgresTenantReplication;
  readonly #fence: PostgresTenantFence;
  readonly #gate: PostgresTenantGate;
  readonly #switchover: PostgresTenantSwitch;
  readonly #copy: PostgresOnlineCopy;
  #generation = 1;
  #streams: Readonly<Record<'forward' | 'reverse', ReplicationStream>>;

  private constructor(readonly pair: TenantPair) {
    this.#connections = new OpeningSeen(pair.directory);
    this.#replication = new PostgresTenantReplication(this.#connections);
    this.#fence = new PostgresTenantFence(this.#connections);
    this.#gate = new PostgresTenantGate(this.#connections);
    this.#switchover = new PostgresTenantSwitch(this.#connections);
    const programsFor = (major: number): Promise<string> => pair.programsFor(major);
    const byDump = new PostgresTenantCopy({ connections: this.#connections, dumpsFolder: pair.dumps, programsFor });
    this.#copy = new PostgresOnlineCopy({ connections: this.#connections, copy: byDump });
    this.#streams = streamsOf(pair.source, pair.target, 2);
  }

  /** `fill` makes what the tenant has before it is copied; `target` is how that server is made otherwise than the source. */
  static async start(
    major: number,
    fill: (pair: TenantPair) => Promise<unknown>,
    target: StartPostgresOptions = {},
  ): Promise<StandingStreams> {
    const settings = { ...durable, shared_buffers: '128MB', max_wal_size: '2GB', checkpoint_timeout: '15min' };
    const source = { major, replication: true, settings };
    const pair = await startTenantPair({ berthSchema: [], source, target: { ...source, ...target } });
    const standing = new StandingStreams(pair);
    try {
      await standing.#begin(fill);
      return standing;
    } catch (error) {
      await standing.close();
      throw error;
    }
  }

  /** Where the tenant writes now, and where it will after the next switch. */
  get now(): Standing {
    return this.#standing(this.#streams.forward.from);
  }

  get other(): Standing {
    return this.#standing(this.#streams.forward.to);
  }

  /** What its clients read. */
  get secret(): TenantSecret {
    return this.#secretOf(this.now, this.#generation);
  }

  /** What they will read after the next switch. */
  get nextSecret(): TenantSecret {
    return this.#secretOf(this.other, this.#generation + 1);
  }

  #secretOf({ server, place }: Standing, generation: number): TenantSecret {
    const address = { host: server.host, port: server.port, database: place.database, schema: place.schema };
    const login = { username: place.loginRoles.a, password: 'test', generation };
    const secret = { ...address, ...login, sslmode: 'disable' } as const;
    return { ...secret, url: tenantUrl(secret) };
  }

  /** Every row and definition of both sides, while the tenant works; and of each moment at which writers were held, what took how long. */
  async compareLive(): Promise<LiveComparison & { readonly moments: readonly HeldParts[] }> {
    this.#connections.held.take();
    const compared = await this.#copy.compareLive(this.#streams.forward, { lockTimeoutMs, lanes: 2 }, work);
    return { ...compared, moments: this.#connections.held.take() };
  }

  /** `onOpen` is told the secret of the other side as soon as that side takes writes. */
  async switchOver(onOpen: (secret: TenantSecret) => void): Promise<SwitchReport> {
    const generation = this.#generation + 1;
    const { from } = this.#streams.forward;
    const request = {
      streams: this.#streams,
      generation,
      stamp: null,
      fingerprint: await this.#fence.fingerprint(from),
    };
    this.#connections.onOpen = () => {
      this.#generation = generation;
      this.#streams = { forward: this.#streams.reverse, reverse: this.#streams.forward };
      onOpen(this.secret);
    };
    return this.#switchover.run({ ...request, ...bounds }, this.pair.actor);
  }

  /** After a switch: all that the next one, the other way, finds in place. */
  async turn(): Promise<void> {
    const { actor } = this.pair;
    const { from, to } = this.#streams.forward;
    const generation = this.#generation + 1;
    await onceFree(() => this.#gate.remove(from, actor));
    await onceFree(() => this.#gate.close(to, generation, actor));
    await this.#fence.clearMarker(to, actor);
    await onceFree(() => this.#fence.remove(to, actor));
    await onceFree(() => this.#fence.prepare(from, generation, actor));
    await this.awaitBoth();
  }

  async awaitBoth(): Promise<void> {
    for (const stream of Object.values(this.#streams)) await this.#replication.awaitApplied(stream, awaited);
  }

  async close(): Promise<void> {
    await this.#connections.close();
    await this.pair.close();
  }

  #standing(place: Place): Standing {
    const { source, sourceServer, targetServer } = this.pair;
    return { place, server: place.clusterId === source.clusterId ? sourceServer : targetServer };
  }

  async #begin(fill: (pair: TenantPair) => Promise<unknown>): Promise<void> {
    const { pair } = this;
    const { source, target, actor } = pair;
    const probe = new PostgresClusterProbe(this.#connections);
    for (const { server, place } of [this.now, this.other]) {
      await probe.prepare(await pair.directory.access(place.clusterId));
      // As Berth makes logins: they may connect, and carry their scope.
      const scope = Object.values(place.loginRoles).flatMap((login) => [
        `GRANT berth_tenants TO ${login}`,
        `ALTER ROLE ${login} SET role = ${place.ownerRole}`,
        `ALTER ROLE ${login} SET search_path = ${place.schema}`,
      ]);
      await server.psql(scope.join(';\n'), place.database);
    }
    await fill(pair);
    const copy = this.#copy;
    const { forward, reverse } = this.#streams;
    await copy.copyDefinitions(forward, source.schema, actor, work);
    await this.#replication.publish(forward, {}, actor);
    await copy.copyRows(forward, actor, { keepTimeoutMs: 20_000, lanes: 2, bytesPerSecond: null, yields: false }, work);
    await copy.finishDefinitions(forward, source.schema, actor, work);
    await this.#gate.close(target, 2, actor);
    await this.#replication.follow(forward, actor);
    await this.#replication.publish(reverse, {}, actor);
    await this.#replication.keepChanges(reverse, actor, { timeoutMs: 20_000 });
    await this.#replication.follow(reverse, actor);
    await this.#fence.prepare(source, 2, actor);
    await this.awaitBoth();
  }
}
