import { LocalModule } from './local-module.js';
import { parseEvent, sentencesOf } from './terraform-events.js';

describe('parseEvent', () => {
  it.each(['', 'Warning: something', '"text"', 'null', '{"type":"version"}', '{', '{"type":"diagnostic"}'])(
    'makes nothing of %j',
    (line) => {
      expect(parseEvent(line)).toBeNull();
    },
  );

  it('tells a fault, and no warning', () => {
    const fault = { type: 'diagnostic', diagnostic: { severity: 'error', summary: 'S', detail: 'D', range: {} } };
    expect(parseEvent(JSON.stringify(fault))).toEqual({
      kind: 'fault',
      diagnostic: { severity: 'error', summary: 'S', detail: 'D' },
    });
    expect(parseEvent(JSON.stringify({ type: 'diagnostic', diagnostic: { severity: 'warning' } }))).toBeNull();
  });

  it('tells progress, changes and outputs', () => {
    expect(parseEvent('{"type":"apply_start","@message":"Creating..."}')).toEqual({
      kind: 'progress',
      text: 'Creating...',
    });
    expect(parseEvent('{"type":"planned_change","change":{"action":"create","resource":{"addr":"a.b"}}}')).toEqual({
      kind: 'change',
      change: { address: 'a.b', action: 'create' },
    });
    expect(parseEvent('{"type":"outputs","outputs":{"port":{"value":5432}}}')).toEqual({
      kind: 'outputs',
      outputs: { port: 5432 },
    });
  });
});

describe('sentencesOf', () => {
  const { meanings } = new LocalModule({ instanceRoot: '/instances', programs: {} });
  const server = { address: 'module.instance.terraform_data.instance', action: 'create' };
  const admin = { address: 'module.instance.terraform_data.admin', action: 'create' };

  it('puts the work in its order, whatever the order of the plan', () => {
    expect(sentencesOf([admin, server], meanings)).toEqual(sentencesOf([server, admin], meanings));
    expect(sentencesOf([admin, server], meanings)[0]).toMatch(/^Make a PostgreSQL server/);
  });

  it('names what it does not know', () => {
    expect(sentencesOf([{ address: 'aws_db_instance.x', action: 'replace' }], meanings)).toEqual([
      'Terraform will replace aws_db_instance.x.',
    ]);
  });
});
