import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import type { Config } from '@berth/config';
import { asBerthError } from '@berth/domain';
import { type ServedCertificate, ServedCertificates } from '@berth/ports';

interface Part {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** PostgreSQL begins in clear, and is asked for TLS. */
  readonly speaks: 'tls' | 'postgresql';
}

/** In ms, for one part. */
const patienceMs = 5_000;

/** What this process is configured to reach by TLS, besides the clusters. */
export class ConfiguredCertificates extends ServedCertificates {
  constructor(private readonly config: PartSettings) {
    super();
  }

  async read(): Promise<readonly ServedCertificate[]> {
    return await Promise.all(partsOf(this.config).map(certificateOf));
  }
}

type PartSettings = Pick<Config, 'BERTH_CATALOG_URL' | 'BERTH_REDIS_URL' | 'BERTH_SECRET_STORE' | 'BERTH_VAULT_URL'>;

const withTls = ['require', 'verify-ca', 'verify-full'];

function partsOf(config: PartSettings): readonly Part[] {
  const parts: Part[] = [];
  const catalog = new URL(config.BERTH_CATALOG_URL);
  if (withTls.includes(catalog.searchParams.get('sslmode') ?? ''))
    parts.push(partAt('Catalog', catalog, 5432, 'postgresql'));
  if (config.BERTH_REDIS_URL?.startsWith('rediss:') === true)
    parts.push(partAt('Redis', new URL(config.BERTH_REDIS_URL), 6379, 'tls'));
  if (config.BERTH_SECRET_STORE === 'vault' && config.BERTH_VAULT_URL?.startsWith('https:') === true)
    parts.push(partAt('Vault', new URL(config.BERTH_VAULT_URL), 443, 'tls'));
  return parts;
}

function partAt(name: string, url: URL, usualPort: number, speaks: Part['speaks']): Part {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? usualPort : Number(url.port);
  return { name: `${name} at ${url.hostname}:${String(port)}`, host, port, speaks };
}

async function certificateOf(part: Part): Promise<ServedCertificate> {
  try {
    return { part: part.name, validTo: await validTo(part), because: null };
  } catch (error) {
    return { part: part.name, validTo: null, because: `Its certificate was not seen: ${asBerthError(error).message}` };
  }
}

async function validTo({ host, port, speaks }: Part): Promise<Date> {
  const signal = AbortSignal.timeout(patienceMs);
  const plain = connectPlain({ host, port });
  try {
    await once(plain, 'connect', { signal });
    if (speaks === 'postgresql') await askForTls(plain, signal);
    // Only looked at: nothing is sent, and one that has expired or is not vouched for is to be seen as well.
    const secure = connectTls({
      socket: plain,
      rejectUnauthorized: false,
      ...(isIP(host) === 0 && { servername: host }),
    });
    await once(secure, 'secureConnect', { signal });
    return new Date(secure.getPeerCertificate().valid_to);
  } finally {
    plain.destroy();
  }
}

/** PostgreSQL's SSLRequest: eight bytes, answered by S or N. */
async function askForTls(socket: Socket, signal: AbortSignal): Promise<void> {
  const request = Buffer.alloc(8);
  request.writeInt32BE(8, 0);
  request.writeInt32BE(80_877_103, 4);
  socket.write(request);
  const [answer] = (await once(socket, 'data', { signal })) as [Buffer];
  if (answer.toString('latin1') !== 'S') throw new Error('the server has no TLS');
}
