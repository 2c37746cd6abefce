import { chooseFreePort, isPortFree } from '@berth/local-postgres';
import type { Home } from './home.js';
import { readJson, writeJson } from './json-file.js';

export interface Ports {
  readonly api: number;
  readonly apiHealth: number;
  readonly workerHealth: number;
}

export interface ChosenPorts {
  readonly ports: Ports;
  /** Remembered ports that somebody else holds now, and what came in their place. */
  readonly moved: readonly { readonly name: keyof Ports; readonly from: number; readonly to: number }[];
}

export async function readPorts(home: Home): Promise<Ports | undefined> {
  return readJson<Ports>(home.ports);
}

/** The remembered ports, as far as they are free: a bookmark of the API goes on working. */
export async function choosePorts(home: Home): Promise<ChosenPorts> {
  const before = await readPorts(home).catch(() => undefined);
  const taken = new Set<number>();
  const moved: { name: keyof Ports; from: number; to: number }[] = [];
  const choose = async (name: keyof Ports): Promise<number> => {
    const remembered = before?.[name];
    let port = remembered;
    while (port === undefined || taken.has(port) || !(await isPortFree(port))) port = await chooseFreePort();
    taken.add(port);
    if (remembered !== undefined && port !== remembered) moved.push({ name, from: remembered, to: port });
    return port;
  };
  const ports = {
    api: await choose('api'),
    apiHealth: await choose('apiHealth'),
    workerHealth: await choose('workerHealth'),
  };
  await writeJson(home.ports, ports);
  return { ports, moved };
}
