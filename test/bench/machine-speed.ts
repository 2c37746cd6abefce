import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { median } from './rounds.js';

/** What a figure in ms says depends on the machine more than on the code: by these two, figures of two machines can be compared. */
export interface MachineSpeed {
  /** By SHA-256 on one core, a second. */
  readonly hashedMegabytes: number;
  /** A byte there and back between two sockets of this process, in ms. */
  readonly roundTripMs: number;
}

export async function measureMachine(): Promise<MachineSpeed> {
  return { hashedMegabytes: hashedMegabytes(), roundTripMs: await roundTripMs() };
}

function hashedMegabytes(): number {
  const megabytes = 8;
  const data = Buffer.alloc(megabytes * 1e6);
  const seconds = Array.from({ length: 5 }, () => {
    const began = performance.now();
    createHash('sha256').update(data).digest();
    return (performance.now() - began) / 1_000;
  });
  return megabytes / Math.min(...seconds);
}

async function roundTripMs(): Promise<number> {
  const server = createServer((socket) => socket.setNoDelay().pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setNoDelay();
  await once(socket, 'connect');
  const trips: number[] = [];
  for (let trip = 0; trip < 500; trip += 1) {
    const began = performance.now();
    socket.write('.');
    await once(socket, 'data');
    trips.push(performance.now() - began);
  }
  socket.destroy();
  server.close();
  return median(trips);
}
