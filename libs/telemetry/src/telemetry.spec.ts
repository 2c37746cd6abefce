import { Writable } from 'node:stream';
import { BerthError } from '@berth/domain';
import { Registry } from 'prom-client';
import { createLogger, HealthServer } from './index.js';

describe('the logger', () => {
  it('never writes a secret, even when one is handed to it', () => {
    const lines: string[] = [];
    const sink = new Writable({
      write(chunk: Buffer, _, next) {
        lines.push(chunk.toString());
        next();
      },
    });
    const log = createLogger({ name: 'test', level: 'info' }, sink);
    const driverError = Object.assign(new Error('driver'), { parameters: ['hunter2'] });
    log.info(
      {
        password: 'hunter2',
        tenant: { password: 'hunter2', id: 'acme', more: { secret: 'hunter2' } },
        url: 'postgresql://u:hunter2@h/d',
      },
      'hello',
    );
    log.error({ err: new BerthError('database-error', 'it failed', { cause: driverError }) }, 'oops');
    expect(lines.join('')).not.toContain('hunter2');
    expect(JSON.parse(lines[1] ?? '')).toMatchObject({ err: { code: 'database-error', cause: { message: 'driver' } } });
  });
});

describe('the health server', () => {
  it('is ready only when every part is, and names the one that is not', async () => {
    let broken = false;
    const server = new HealthServer({
      host: '127.0.0.1',
      port: 0,
      metrics: new Registry(),
      checks: {
        catalog: () => Promise.resolve(),
        secrets: () => (broken ? Promise.reject(new Error('sealed')) : Promise.resolve()),
      },
    });
    const base = `http://127.0.0.1:${String(await server.start())}`;
    try {
      expect((await fetch(`${base}/health/ready`)).status).toBe(200);
      broken = true;
      const answer = await fetch(`${base}/health/ready`);
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({
        parts: { catalog: { status: 'ok' }, secrets: { status: 'failing', because: 'sealed' } },
      });
      expect((await fetch(`${base}/health/live`)).status).toBe(200);
      expect((await fetch(`${base}/metrics`)).status).toBe(200);
    } finally {
      await server.stop();
    }
  });
});
