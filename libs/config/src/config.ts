import { z } from 'zod';
import { BerthError } from '@berth/domain';
import { awsEnvironment } from './aws-environment.js';
import { readSecretFiles, secretFileShape } from './secret-files.js';
import { missingForSecrets, vaultShape } from './secret-store-settings.js';

const port = z.coerce.number().int().min(0).max(65_535);
const milliseconds = z.coerce.number().int().positive();
const address = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);
/** `10.0.0.1, 192.168.0.0/16` */
const addressList = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .pipe(z.array(address));
const optionalText = z.string().min(1).optional();

/** Every setting of Berth's processes, by its environment variable. The only reader of the environment. */
export const environmentSchema = z.object({
  /** Catalog database, `postgresql://user:password@host:port/database`. */
  BERTH_CATALOG_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  ...secretFileShape,
  /** Where secrets are kept. */
  BERTH_SECRET_STORE: z.enum(['local', 'vault']).default('local'),
  /** Folder of the encrypted secret files; needed for `local`. */
  BERTH_SECRETS_DIR: optionalText,
  ...vaultShape,
  /** Who makes dedicated instances: Berth itself or Terraform on this machine, Terraform in AWS, or nobody: they are registered. */
  BERTH_INFRASTRUCTURE: z.enum(['local', 'terraform', 'aws', 'registered']).default('local'),
  /** Folder of the dedicated instances on this machine. */
  BERTH_INSTANCES_DIR: z.string().min(1),
  /** Folder of dumps: those under way, and the final ones of removed tenants. */
  BERTH_DUMPS_DIR: z.string().min(1),
  /** Folder of the PostgreSQL programs; else they are looked for. */
  BERTH_PG_BIN: optionalText,
  /** The terraform or tofu program; else it is looked for on PATH. */
  BERTH_TERRAFORM_BIN: optionalText,
  /** Folder of Terraform's working folders; holds no state. */
  BERTH_TERRAFORM_DIR: optionalText,
  /** Database that keeps Terraform's state; else the catalog's, in a schema of its own. */
  BERTH_TERRAFORM_STATE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** Folder with Terraform's providers, unpacked as a filesystem mirror; else each instance fetches them. */
  BERTH_TERRAFORM_PROVIDERS_DIR: optionalText,
  /** File with the output `berth` of the foundation in AWS. */
  BERTH_AWS_SETTINGS_FILE: optionalText,
  /** File with RDS's certificate authorities of that region. */
  BERTH_AWS_CA_FILE: optionalText,
  ...awsEnvironment,
  /** Folder of the product's tenant migrations, ordered `.sql` files. */
  BERTH_MIGRATIONS_DIR: optionalText,
  /** Or a command that is given DATABASE_URL: a program and its arguments, divided by spaces, run without a shell. */
  BERTH_MIGRATIONS_COMMAND: optionalText,
  /** The product's release, to whose state the command brings a tenant. */
  BERTH_MIGRATIONS_RELEASE: optionalText,
  /** Queue and rate limits on this Redis: `redis[s]://[user[:password]@]host[:port][/database]`; else queue on the catalog's PostgreSQL. */
  BERTH_REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  /** File of the certificates that vouch for a `rediss:` server; else those that Node knows. */
  BERTH_REDIS_CA_FILE: optionalText,
  /** What our keys on that Redis begin with; two systems on one Redis have two. */
  BERTH_REDIS_PREFIX: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9_-]{0,39}$/i,
      'must be 1 to 40 letters, digits, "_" and "-", and begin with a letter or digit',
    )
    .default('berth'),
  BERTH_API_HOST: z.string().min(1).default('127.0.0.1'),
  BERTH_API_PORT: port.default(8020),
  /** `/metrics` and `/health` of the API process. */
  BERTH_API_HEALTH_PORT: port.default(8021),
  /** `/metrics` and `/health` of the worker process. */
  BERTH_WORKER_HEALTH_PORT: port.default(8022),
  /** Addresses or networks of the proxies before the API, by commas: their `X-Forwarded-For` is believed. */
  BERTH_TRUSTED_PROXIES: addressList,
  /** File with the first admin key; made known to the catalog when the API starts. */
  BERTH_BOOTSTRAP_KEY_FILE: optionalText,
  /** Requests a minute of one API key. */
  BERTH_RATE_LIMIT_PER_MINUTE: z.coerce.number().int().positive().default(1_200),
  BERTH_WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(4),
  /** How long a lease lives without a heartbeat: the longest time that work stands still after a crash. */
  BERTH_LEASE_MS: milliseconds.min(500).default(10_000),
  /** How often the sweep looks for work that the queue lost. */
  BERTH_SWEEP_MS: milliseconds.min(100).default(2_000),
  /** How old the proof of isolation of a shared cluster may become before a worker makes the next one; 0: only who asks gets one. */
  BERTH_ISOLATION_PROOF_HOURS: z.coerce.number().min(0).default(24),
  /** `block`: a cluster whose last proof found a way from tenant to tenant takes no further tenant; `report`: it is only told. */
  BERTH_ISOLATION_POLICY: z.enum(['block', 'report']).default('block'),
  /** How long a removed tenant's data is kept. */
  BERTH_RETENTION_DAYS: z.coerce.number().min(0).default(7),
  /** Where programs are looked for. */
  PATH: z.string().default(''),
  /** Passed to the migrations' command, which may keep its caches there. */
  HOME: z.string().default(''),
  BERTH_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type Config = z.infer<typeof environmentSchema>;

/** Reads the whole configuration once, at the start of a process. @throws `config-invalid` with every fault, by name, without a value */
export function loadConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const written = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const { given, unread, faults: fileFaults } = readSecretFiles(written);
  const parsed = environmentSchema.safeParse(given);
  const faults = (parsed.error?.issues ?? [])
    .filter((issue) => !unread.includes(String(issue.path[0])))
    .map((issue) => `${String(issue.path[0])}: ${ruleOf(issue)}`);
  faults.push(...fileFaults, ...contradictionsIn(given), ...missingForSecrets(given));
  if (parsed.data === undefined || faults.length > 0) throw configInvalid(faults);
  return parsed.data;
}

/** Settings that are good each for itself and not together; told beside the other faults, so before those are mended. */
function contradictionsIn(given: Readonly<Partial<Record<string, string>>>): readonly string[] {
  const isSet = (name: keyof Config): boolean => given[name] !== undefined;
  const faults: string[] = [];
  if (isSet('BERTH_MIGRATIONS_DIR') && isSet('BERTH_MIGRATIONS_COMMAND'))
    faults.push('BERTH_MIGRATIONS_DIR and BERTH_MIGRATIONS_COMMAND: only one of them may be set');
  if (isSet('BERTH_MIGRATIONS_COMMAND') && !isSet('BERTH_MIGRATIONS_RELEASE'))
    faults.push('BERTH_MIGRATIONS_RELEASE: is missing; BERTH_MIGRATIONS_COMMAND needs it');
  for (const name of ['BERTH_AWS_SETTINGS_FILE', 'BERTH_AWS_CA_FILE'] as const) {
    if (given['BERTH_INFRASTRUCTURE'] === 'aws' && !isSet(name))
      faults.push(`${name}: is missing; BERTH_INFRASTRUCTURE=aws needs it`);
  }
  if (isSet('BERTH_REDIS_CA_FILE') && given['BERTH_REDIS_URL']?.startsWith('rediss:') !== true)
    faults.push('BERTH_REDIS_CA_FILE: needs a BERTH_REDIS_URL that begins with rediss://');
  return faults;
}

/** zod's messages name what was expected, and for some kinds what was given; only the former may be shown. */
function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type')
    return issue.message.includes('received undefined') ? 'is missing' : `must be a ${issue.expected}`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  // The rule in our words, as the schema has it.
  if (issue.code === 'invalid_format' && issue.format === 'regex') return issue.message;
  if (issue.code === 'invalid_format') return `must be a valid ${issue.format}`;
  if (issue.code === 'too_small') return `must be at least ${String(issue.minimum)}`;
  if (issue.code === 'too_big') return `must be at most ${String(issue.maximum)}`;
  if (issue.code === 'invalid_union') return 'must be addresses or networks, separated by commas';
  return 'is not valid';
}

function configInvalid(faults: readonly string[]): BerthError {
  return new BerthError(
    'config-invalid',
    `The configuration has ${String(faults.length)} fault(s):\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    {
      hint: 'Set these environment variables and start again.',
      details: { faults },
    },
  );
}
