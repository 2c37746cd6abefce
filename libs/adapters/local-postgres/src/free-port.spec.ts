import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { isPortFree, isPortFreeSoon } from './free-port.js';

describe('a port that somebody remembers', () => {
  it('is free as soon as who holds it lets go, and taken by who keeps it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    expect(await isPortFreeSoon(port)).toBe(false);
    const soon = isPortFreeSoon(port);
    expect(await isPortFree(port)).toBe(false);
    other.close();
    expect(await soon).toBe(true);
  });
});
