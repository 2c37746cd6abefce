import {
  type Finding,
  placeOf,
  secretRefs,
  serviceRole,
  streamsOf,
  type TenantId,
  tenantsDatabase,
  type TenantSecret,
} from '@berth/domain';
import { PlanCatalog } from '@berth/ports';
import { inTurn, postgresParts, whenAvailable } from '@berth/testing';
import pg from 'pg';
import { breakableRunner } from '../crash/breakable-runner.js';
import { moveTo, readyTenant, toSecond } from '../crash/scenarios/tenants.js';
import { World } from '../crash/world.js';

const postgres = await postgresParts();
/** As many as the plan of a small tenant allows. */
const clients = 4;

/** A product's client, by plain `pg`: at 25006, or when it is sent away, it reads its secret again and repeats. */
async function work(
  world: World,
  tenantId: TenantId,
  run: {
    next: number;
    stop: boolean;
    readonly acknowledged: number[];
    repeats: number;
    lastAt: number;
    longestGapMs: number;
  },
): Promise<void> {
  let client: pg.Client | null = null;
  const secret = async (): Promise<TenantSecret> => {
    const stored = await world.tools.secrets.read(secretRefs.tenantDb(tenantId));
    if (stored === null) throw new Error('the tenant has no secret');
    return stored.document;
  };
  while (!run.stop) {
    run.next += 1;
    const name = `row ${String(run.next)}`;
    const n = run.next;
    for (let written = false; !written;) {
      try {
        if (client === null) {
          client = new pg.Client({ connectionString: (await secret()).url });
          client.on('error', () => undefined);
          await client.connect();
        }
        await client.query('INSERT INTO port (name) VALUES ($1)', [name]);
        written = true;
      } catch (error) {
        const { code } = error as { readonly code?: string };
        // 57P01 and 28000: an idle session that was ended, a login that was closed. A COMMIT that got no answer would say neither.
        if (code !== '25006' && code !== '57P01' && code !== '28000') throw error;
        run.repeats += 1;
        await client?.end().catch(() => undefined);
        client = null;
      }
    }
    run.acknowledged.push(n);
    const now = performance.now();
    run.longestGapMs = Math.max(run.longestGapMs, now - run.lastAt);
    run.lastAt = now;
  }
  await client?.end();
}

describe.each(inTurn(import.meta.url, [15, 16, 18]))('a tenant that works on PostgreSQL %i moves online', (major) => {
  whenAvailable(postgres(major), 'to an instance of its own', () => {
    let world: World;
    beforeAll(async () => {
      world = await World.open({}, {}, { major, replication: true });
    });
    afterAll(async () => {
      await world?.close();
    });

    it('with every acknowledged row exactly once, and leaves nothing behind when it is completed', async () => {
      const tenantId = await readyTenant(world);
      const run = { next: 0, stop: false, acknowledged: [], repeats: 0, lastAt: performance.now(), longestGapMs: 0 };
      const working = Promise.all(Array.from({ length: clients }, () => work(world, tenantId, run)));
      working.catch(() => undefined);
      const request = { kind: 'move-tenant', tenantId, target: { tier: 'dedicated' }, switchMode: 'auto' } as const;
      const { id: moveId, result } = await world.perform({ ...request, strategy: 'online' });
      const atSwitch = run.acknowledged.length;
      while (run.acknowledged.length < atSwitch + 200) await new Promise((resolve) => setTimeout(resolve, 5));
      run.stop = true;
      await working;

      const move = await world.tools.moves.get(moveId);
      expect(move).toMatchObject({ state: 'switched', comparison: { equal: true, differences: [] } });
      // What the evidence of the move is made of.
      const lsn = expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/) as string;
      expect(result).toMatchObject({
        ...{ findings: expect.any(Array) as unknown[], comparedAfter: move?.comparison?.rows, comparedPair: 'frozen' },
        switchPositions: { marker: expect.any(Number) as number, markerLsn: lsn, pivotLsn: lsn, openLsn: lsn },
        switchTimes: { lock: expect.any(Number) as number, pivot: expect.any(Number) as number },
      });
      expect(move?.comparison?.tables.every(({ sourceHash }) => sourceHash?.length === 64)).toBe(true);
      const place = await world.tools.placements.current(tenantId);
      const old = await world.tools.placements.get(tenantId, 1);
      if (place === null || old === null) throw new Error('the tenant has no two places');
      expect(place).toMatchObject({ tier: 'dedicated', generation: 2 });
      const stored = await world.tools.secrets.read(secretRefs.tenantDb(tenantId));
      const client = new pg.Client({ connectionString: stored?.document.url });
      await client.connect();
      const { rows } = await client.query<{ name: string }>(`SELECT name FROM port WHERE name LIKE 'row %'`);
      await client.end();
      const wanted = run.acknowledged.map((n) => `row ${String(n)}`);
      expect(rows.map(({ name }) => name).sort()).toEqual(wanted.sort());

      // The old place has all of it too: the way back runs.
      const streams = streamsOf(old, place, 2);
      await world.tools.replication.awaitApplied(streams.reverse, { timeoutMs: 60_000 });
      const signal = new AbortController().signal;
      const report = await world.tools.comparison.compare(old, place, { signal, onProgress: () => undefined });
      expect(report.differences.filter(({ kind }) => kind !== 'sequence-position')).toEqual([]);

      await world.perform({ kind: 'complete-move', moveId });
      expect(await world.tools.moves.get(moveId)).toMatchObject({ state: 'completed' });
      for (const stream of Object.values(streams)) expect(await world.tools.replication.leftovers(stream)).toEqual([]);
      expect(await world.tools.database.leftovers(old)).toEqual([]);
      process.stdout.write(
        `PostgreSQL ${String(major)}: ${String(wanted.length)} rows by ${String(clients)} clients, longest gap ${run.longestGapMs.toFixed(0)} ms, writers held or refused for ${String(move?.writePauseMs)} ms, ${String(run.repeats)} repeats\n`,
      );
    });

    it('trap 17: with roles, settings and default rights as they should be there before the first client comes, whoever changed them meanwhile', async () => {
      const tenantId = await readyTenant(world);
      const { ownerRole, loginRoles, schema, database } = placeOf(tenantId, 'shared-2', tenantsDatabase);
      const atTarget = (sql: string) => world.servers['shared-2']?.psql(sql, database);
      const found: { before?: readonly Finding[]; after?: readonly Finding[]; mayCreate?: string | undefined } = {};
      const runner = breakableRunner(world.app, world.config.BERTH_LEASE_MS, async ({ step, direction, point }) => {
        if (direction === 'undo' || step !== 'admit-target') return;
        if (point === 'after') {
          found.after = await findings();
          found.mayCreate = await atTarget(`SELECT has_schema_privilege('${ownerRole}', '${schema}', 'CREATE')`);
        }
        if (point !== 'before' || found.before !== undefined) return;
        await atTarget(
          `ALTER ROLE ${loginRoles.a} CONNECTION LIMIT 1;
           ALTER ROLE ${loginRoles.a} IN DATABASE ${database} SET statement_timeout = '1ms';
           ALTER ROLE ${loginRoles.a} SET search_path = public;
           ALTER DEFAULT PRIVILEGES FOR ROLE ${ownerRole} IN SCHEMA ${schema} REVOKE ALL ON TABLES FROM ${serviceRole};
           REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM ${serviceRole}`,
        );
        found.before = await findings();
      });
      const findings = async () => {
        const [place, tenant, stored] = await Promise.all([
          world.tools.placements.get(tenantId, 2),
          world.tools.tenants.get(tenantId),
          world.tools.secrets.read(secretRefs.tenantLogins(tenantId)),
        ]);
        const plan = await world.app.get(PlanCatalog).get(tenant?.plan ?? '');
        const verifier = stored?.document.a?.verifier;
        if (place === null || plan === null || verifier === undefined) throw new Error('the tenant is not whole');
        return world.tools.database.inspect({ place, limits: plan.limits, logins: 'open', verifiers: { a: verifier } });
      };
      const { id } = await world.ask(moveTo(tenantId, toSecond, 'auto', 'online'));
      expect(await world.runToEnd(id, runner)).toMatchObject({ state: 'succeeded', error: null });
      expect(found.before?.length).toBeGreaterThanOrEqual(4);
      expect(found.after).toEqual([]);
      // A table that somebody made there now would have no gate.
      expect(found.mayCreate).toBe('f');
    });
  });
});
