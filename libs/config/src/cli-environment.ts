/** What the command line takes from the environment. A flag of the same meaning wins. */
export interface CliEnvironment {
  /** BERTH_HOME: the folder of the local system. */
  readonly home: string | undefined;
  /** BERTH_API: address of the API of a system elsewhere. */
  readonly api: string | undefined;
  /** BERTH_API_KEY_FILE: file that holds the API key. A key itself is taken from no variable: children would inherit it. */
  readonly apiKeyFile: string | undefined;
  /** BERTH_MIGRATIONS_DIR */
  readonly migrationsDir: string | undefined;
  /** BERTH_PG_BIN */
  readonly pgBin: string | undefined;
  /** BERTH_INFRASTRUCTURE */
  readonly infrastructure: string | undefined;
  /** BERTH_TERRAFORM_BIN */
  readonly terraformBin: string | undefined;
  readonly path: string | undefined;
  /** How the user typed the command, for sentences that tell what to type next: `./berth` or `berth`. */
  readonly invokedAs: string;
  /** NO_COLOR is set to anything (https://no-color.org). */
  readonly noColour: boolean;
  /** Everything, for the processes that a local system starts. */
  readonly all: Readonly<Record<string, string | undefined>>;
}

export function readCliEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): CliEnvironment {
  const text = (name: string): string | undefined => (environment[name] === '' ? undefined : environment[name]);
  return {
    home: text('BERTH_HOME'),
    api: text('BERTH_API'),
    apiKeyFile: text('BERTH_API_KEY_FILE'),
    migrationsDir: text('BERTH_MIGRATIONS_DIR'),
    pgBin: text('BERTH_PG_BIN'),
    infrastructure: text('BERTH_INFRASTRUCTURE'),
    terraformBin: text('BERTH_TERRAFORM_BIN'),
    path: text('PATH'),
    invokedAs: text('BERTH_INVOKED_AS') === './berth' ? './berth' : 'berth',
    noColour: text('NO_COLOR') !== undefined || text('TERM') === 'dumb',
    all: environment,
  };
}
