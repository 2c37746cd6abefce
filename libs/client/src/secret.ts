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

const sslModes: readonly string[] = ['disable', 'require', 'verify-ca', 'verify-full'] satisfies readonly SslMode[];

/**
 * Takes what a store gave, with numbers as numbers or, as mounted files have them, as text. Other fields are dropped.
 * @throws an Error that names the fields that are wrong, never their values
 */
export function parseSecret(document: unknown): TenantSecret {
  const given = (typeof document === 'object' && document !== null ? document : {}) as Readonly<
    Record<string, unknown>
  >;
  const texts = ['host', 'database', 'schema', 'username', 'password', 'url'] as const;
  const wrong = [
    ...texts.filter((name) => typeof given[name] !== 'string' || given[name] === ''),
    ...(['port', 'generation'] as const).filter((name) => !isCount(given[name])),
    ...(sslModes.includes(String(given['sslmode'])) ? [] : ['sslmode']),
  ];
  if (wrong.length > 0) throw new Error(`it has no usable ${wrong.join(', ')}`);
  const text = (name: (typeof texts)[number]) => String(given[name]);
  const authority = given['sslrootcert'];
  return {
    host: text('host'),
    port: Number(given['port']),
    database: text('database'),
    schema: text('schema'),
    username: text('username'),
    password: text('password'),
    sslmode: String(given['sslmode']) as SslMode,
    ...(typeof authority === 'string' && authority !== '' && { sslrootcert: authority }),
    generation: Number(given['generation']),
    url: text('url'),
  };
}

/** Whether a connection that one opened may serve the other. */
export function isSameSecret(one: TenantSecret, other: TenantSecret): boolean {
  const { generation, url, schema, password, sslmode, sslrootcert } = one;
  return (
    generation === other.generation &&
    url === other.url &&
    schema === other.schema &&
    password === other.password &&
    sslmode === other.sslmode &&
    sslrootcert === other.sslrootcert
  );
}

function isCount(value: unknown): boolean {
  return value !== '' && value !== null && Number.isSafeInteger(Number(value)) && Number(value) > 0;
}
