import path from 'node:path';
import { repository, type Service } from './compose-file.js';

/** Where the ports of the containers are on this machine, by `<service>:<port>`. */
export type LocalPorts = Readonly<Record<string, number>>;

/**
 * Everything in which a process without a container differs from the one in docker-compose.yml: names of services are loopback, a
 * port is a free one, volumes and mounted files are folders of the test. Nothing else is changed.
 */
export class Translation {
  constructor(
    private readonly folder: string,
    private readonly ports: LocalPorts,
  ) {}

  get secrets(): string {
    return path.join(this.folder, 'secrets');
  }

  volume(name: string): string {
    return path.join(this.folder, 'volumes', name);
  }

  /** An address: `http://vault:8200`, `postgresql://berth:…@catalog:5432/berth`. */
  addresses(text: string): string {
    let translated = text;
    for (const [address, port] of Object.entries(this.ports)) {
      translated = translated.replaceAll(new RegExp(`(?<=[/@])${address}(?!\\d)`, 'g'), `127.0.0.1:${String(port)}`);
    }
    return translated;
  }

  /** What a file says that was written for one container. */
  paths(service: Service, text: string): string {
    let translated = text;
    for (const [inside, outside] of this.#mounts(service)) translated = translated.replaceAll(inside, outside);
    return translated;
  }

  environment(name: string, service: Service): Record<string, string> {
    const entries = Object.entries(service.environment ?? {}).map(([variable, given]) => {
      const value = String(given);
      if (/_PORT$/.test(variable)) return [variable, String(this.port(name, Number(value)))];
      if (value === '0.0.0.0') return [variable, '127.0.0.1'];
      return [variable, this.addresses(this.paths(service, value))];
    });
    return Object.fromEntries(entries) as Record<string, string>;
  }

  command(name: string, service: Service): readonly string[] {
    return (service.command ?? []).map((word) => this.#word(name, service, word));
  }

  /** The health check as a command. Programs that would ask at the standard port are told another one. */
  health(name: string, service: Service): readonly string[] | null {
    const [kind, ...words] = service.healthcheck?.test ?? [];
    if (kind === undefined) return null;
    const translated = words.map((word) => this.#word(name, service, word));
    return kind === 'CMD-SHELL' ? ['/bin/sh', '-c', translated.join(' ')] : translated;
  }

  port(name: string, port: number): number {
    const found = this.ports[`${name}:${String(port)}`];
    if (found === undefined) throw new Error(`the test has no port for ${name}:${String(port)}`);
    return found;
  }

  #word(name: string, service: Service, word: string): string {
    const here = this.#portsOf(name).reduce(
      (text, [port, local]) =>
        text.replaceAll(new RegExp(`(?<=127\\.0\\.0\\.1[:/])${port}(?!\\d)|^${port}$`, 'g'), local),
      word,
    );
    return this.paths(service, here).replaceAll(/\bredis-cli\b/g, `redis-cli -p ${String(this.ports['redis:6379'])}`);
  }

  #portsOf(name: string): readonly (readonly [string, string])[] {
    return Object.entries(this.ports)
      .filter(([address]) => address.startsWith(`${name}:`))
      .map(([address, local]) => [address.slice(name.length + 1), String(local)] as const);
  }

  /** Longest first, so that a file in a mounted folder is that file. */
  #mounts(service: Service): readonly (readonly [string, string])[] {
    const mounted = (service.volumes ?? []).map((line) => {
      const [outside = '', inside = ''] = line.split(':');
      return [inside, outside.startsWith('./') ? this.#file(outside) : this.volume(outside)] as const;
    });
    const all = [...mounted, ['/run/secrets', this.secrets] as const, ['/app', repository] as const];
    return all.sort(([one], [other]) => other.length - one.length);
  }

  /** Files that name paths of a container lie translated in the test's folder. */
  #file(outside: string): string {
    const translated = ['redis.conf', 'parts.json', 'pgbouncer.ini'].includes(path.basename(outside));
    if (!translated) return path.join(repository, outside);
    return path.join(this.folder, 'files', outside.replaceAll('/', '_'));
  }
}
