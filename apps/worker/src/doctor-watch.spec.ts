import { FakeSystem } from '@berth/testing';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { DoctorWatch } from './doctor-watch.js';

it('tells metrics and log what is wrong now, and no longer what was mended', async () => {
  const system = new FakeSystem();
  await system.addCluster('shared-1');
  const { place, tenantId } = await system.readyTenant('acme');
  const metrics = new Registry();
  const logged: { readonly level: number; readonly object?: string }[] = [];
  const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line) as (typeof logged)[number]) });
  const watch = new DoctorWatch(system.doctor(), metrics, log);
  const told = async () => (await metrics.metrics()).split('\n').filter((line) => /^berth_doctor_\w+\{/.test(line));
  expect(await told()).toEqual([]);

  system.database.damage(place, 'login a');
  system.examiner.show('shared-1', { trust: null });
  await watch.look();
  expect(await told()).toContain('berth_doctor_findings{severity="error"} 1');
  expect(await metrics.metrics()).toContain('berth_doctor_unexamined 1');
  expect(logged.map(({ level, object }) => [level, object])).toEqual([
    [50, 'tenant acme'],
    [30, undefined],
  ]);
  await system.perform({ kind: 'repair-tenant', tenantId });
  await watch.look();
  expect(await told()).toContain('berth_doctor_findings{severity="error"} 0');
});
