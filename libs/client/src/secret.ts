/** How a connection is protected, in libpq's words. */
export type SslMode = 'disable' | 'require' | 'verify-ca' | 'verify-full';

/** The document that Berth keeps for each tenant at `tenants/<id>/db`: where its data is now, and with which login. */
export interface TenantSecret {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly schema: string;
  readonly username: string;
  readonly password: string;
  readonly sslmode: SslMode;
  /** PEM of the authority to trust; absent: the public ones. */
  readonly sslrootcert?: string;
  /** Of the placement. It only grows: a move raises it, a rotation of the login does not. */
  readonly generation: number;
  readonly url: string;
}

/** All that a connection needs to know of a secret. */
export type TenantAccess = Omit<TenantSecret, 'url'>;

/** The same without what is secret. */
export type PlaceAddress = Omit<TenantAccess, 'password'>;

const sslModes: readonly string[] = ['disable', 'require', 'verify-ca', 'verify-full'] satisfies readonly SslMode[];

/**
 * Takes what a store gave, with numbers as numbers or, as mounted files have them, as text. Other fields are dropped.
 * @throws an Error that names the fields that are wrong, never their values
 */
export function parseSecret(document: unknown): TenantSecret {
  const given = fieldsOf(document);
  requireUsable(given, [...addressTexts, 'password', 'url']);
  return { ...addressIn(given), password: String(given['password']), url: String(given['url']) };
}

/** The same for a document that holds nothing secret. @throws likewise */
export function parseAddress(document: unknown): PlaceAddress {
  const given = fieldsOf(document);
  requireUsable(given, addressTexts);
  return addressIn(given);
}

/** Whether a connection that one opened may serve the other. */
export function isSameSecret(one: TenantAccess, other: TenantAccess): boolean {
  return isSamePlace(one, other) && one.password === other.password;
}

export function isSamePlace(one: PlaceAddress, other: PlaceAddress): boolean {
  const fields = [...addressTexts, 'port', 'generation', 'sslmode', 'sslrootcert'] as const;
  return fields.every((name) => one[name] === other[name]);
}

type Fields = Readonly<Record<string, unknown>>;

const addressTexts = ['host', 'database', 'schema', 'username'] as const;

function fieldsOf(document: unknown): Fields {
  return (typeof document === 'object' && document !== null ? document : {}) as Fields;
}

function requireUsable(given: Fields, texts: readonly string[]): void {
  const wrong = [
    ...texts.filter((name) => typeof given[name] !== 'string' || given[name] === ''),
    ...(isCount(given['port'], highestPort) ? [] : ['port']),
    ...(isCount(given['generation']) ? [] : ['generation']),
    ...(sslModes.some((mode) => mode === given['sslmode']) ? [] : ['sslmode']),
  ];
  if (wrong.length > 0) throw new Error(`it has no usable ${wrong.join(', ')}`);
}

function addressIn(given: Fields): PlaceAddress {
  const text = (name: (typeof addressTexts)[number]) => String(given[name]);
  const authority = given['sslrootcert'];
  return {
    ...{ host: text('host'), port: Number(given['port']), database: text('database') },
    ...{ schema: text('schema'), username: text('username'), sslmode: String(given['sslmode']) as SslMode },
    ...(typeof authority === 'string' && authority !== '' && { sslrootcert: authority }),
    generation: Number(given['generation']),
  };
}

const highestPort = 65_535;

function isCount(value: unknown, highest = Number.MAX_SAFE_INTEGER): boolean {
  if (typeof value !== 'number' && typeof value !== 'string') return false;
  return Number.isSafeInteger(Number(value)) && Number(value) > 0 && Number(value) <= highest;
}
