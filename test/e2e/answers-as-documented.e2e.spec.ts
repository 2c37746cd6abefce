import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Writable } from 'node:stream';
import { parseTenantId } from '@berth/domain';
import { AuditLog } from '@berth/ports';
import { runSchemathesis, schemathesisPart, whenAvailable } from '@berth/testing';
import { pino } from 'pino';
import { serveApi, type ServedApi } from './served-api.js';
import { WorkerWorld } from './worker-world.js';

/** Requests of each kind and route; `npm run fuzz` asks for more. */
const examples = process.env['BERTH_FUZZ_EXAMPLES'] ?? '10';
const folder = path.join(import.meta.dirname, 'schemathesis');

whenAvailable(schemathesisPart, 'the API, asked by its document for everything, right and wrong', () => {
  let here: WorkerWorld;
  let api: ServedApi;
  const failures: string[] = [];

  beforeAll(async () => {
    here = await WorkerWorld.open();
    await here.world.withPooler();
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        failures.push(chunk.toString());
        done();
      },
    });
    // Whoever asks is a proxy, so that each request can come from an address of its own.
    const settings = { requestsPerMinute: 1_000_000, trustedProxies: ['127.0.0.1'] };
    api = await serveApi(here.world, { ...settings, log: pino({ level: 'error' }, sink) });
    await here.worker();
  });
  afterAll(async () => {
    await api.stop();
    await here.close();
  });

  it('answers nothing that the document does not say, and never fails', async () => {
    const key = await readFile(await api.keyFile(['admin']), 'utf8');
    const { passed, output } = await runSchemathesis({
      url: api.url,
      folder,
      environment: { BERTH_FUZZ_KEY: key, BERTH_FUZZ_REAL: JSON.stringify(await subjects(here)) },
      args: ['--max-examples', examples],
    });
    expect(passed ? '' : output).toBe('');
    expect(failures).toEqual([]);
    process.stdout.write(`\n${await summary(output)}\n`);
  }, 1_800_000);

  it('did what was right, refused what was wrong, and has all of it in an unbroken audit log', async () => {
    const audit = here.world.app.get(AuditLog);
    const { entries, brokenAt } = await audit.verify();
    expect(brokenAt).toBeNull();
    expect(entries).toBeGreaterThan(500);
    const answers = await here.inCatalog(`SELECT string_agg(DISTINCT left(answer, 3), ' ') FROM berth.audit_log`);
    // Not a row of refusals at the door: each of these was the answer to some change.
    expect(answers.split(' ')).toEqual(
      expect.arrayContaining(['200', '201', '202', '204', '400', '404', '409', '422']),
    );
  });
});

/** How much was asked, and what of its checks is narrowed and why. */
async function summary(output: string): Promise<string> {
  const cases = /\d+ generated, .*/.exec(output)?.[0] ?? '';
  const config = await readFile(path.join(folder, 'schemathesis.toml'), 'utf8');
  const [narrowed = ''] = /^# Narrowed: (?:.*\n# ?)*.*$/m.exec(config) ?? [];
  return `schemathesis, all checks: ${cases}\n${narrowed.replaceAll(/^# /gm, '')}`;
}

/** Tenants in several states: the document's own examples speak of the first. */
async function subjects(here: WorkerWorld): Promise<Readonly<Record<string, readonly string[]>>> {
  const tenants = ['acme-corp', 'moved-by-hand', 'not-paid'].map(parseTenantId);
  const made = await Promise.all(tenants.map((id) => here.provision('shared-1', id)));
  for (const id of made) await here.ended(id);
  const move = await here.world.desk.start(
    {
      kind: 'move-tenant',
      tenantId: tenants[1]!,
      target: { tier: 'shared', clusterId: 'shared-2' },
      strategy: 'dump',
      switchMode: 'manual',
    },
    'test',
  );
  await here.until(move.id, ({ state }) => state === 'waiting');
  const suspended = await here.world.desk.start(
    { kind: 'suspend-tenant', tenantId: tenants[2]!, reason: 'unpaid' },
    'test',
  );
  await here.ended(suspended.id);
  return {
    tenantId: tenants,
    moveId: [move.id],
    operationId: [...made, move.id, suspended.id],
    clusterId: ['shared-1', 'shared-2'],
    poolerId: ['pool-1'],
  };
}
