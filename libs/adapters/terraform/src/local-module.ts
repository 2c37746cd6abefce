import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BerthError, scramVerifier } from '@berth/domain';
import { listPostgresPrograms, type ProgramSearch } from '@berth/local-postgres';
import type { InstanceAdmin, InstanceSpec } from '@berth/ports';
import type { InstanceModule } from './instance-module.js';

export interface LocalModuleOptions {
  /** Holds the instances. */
  readonly instanceRoot: string;
  /** Where PostgreSQL's programs are looked for. */
  readonly programs: ProgramSearch;
  /** Default: the module of this repository. */
  readonly folder?: string;
  /** Default: the built program of local-postgres. */
  readonly localInstanceProgram?: string;
}

const beside = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** `terraform/modules/tenant-storage-local`: servers of this machine, by resources that are built into Terraform. */
export class LocalModule implements InstanceModule {
  readonly folder: string;
  readonly server = { type: 'terraform_data', name: 'instance' };
  /** A replaced one runs its create provisioner again, which converges. */
  readonly finishesTainted = false;
  readonly adminMakesStreams = false;
  readonly outputs = ['cluster_id', 'folder', 'host', 'port', 'postgres_major', 'admin_username', 'labels'];
  readonly providers = {};
  readonly ephemeral = [];
  readonly lost = 'its data folder is gone';
  readonly cliConfig = '';
  readonly meanings = {
    'module.instance.terraform_data.instance': {
      create: 'Make a PostgreSQL server for the instance and start it',
      replace: 'Finish the half-made PostgreSQL server of the instance and start it',
      update: 'Note the new labels of the instance',
      delete: 'Stop the PostgreSQL server of the instance and remove its files',
    },
    'module.instance.terraform_data.admin': {
      create: 'Make its admin login: CREATEROLE and CREATEDB, no superuser',
      replace: 'Start the server if it is stopped, and set the verifier of its admin login again',
      delete: 'Forget its admin login',
    },
  };
  readonly environment: Readonly<Record<string, string>>;

  constructor(private readonly options: LocalModuleOptions) {
    const { explicit, path: searchPath } = options.programs;
    this.folder = options.folder ?? beside('../../../../terraform/modules/tenant-storage-local');
    this.environment = {
      BERTH_NODE: process.execPath,
      BERTH_LOCAL_INSTANCE: options.localInstanceProgram ?? beside('../../local-postgres/dist/local-instance.main.js'),
      ...(explicit === undefined ? {} : { BERTH_PG_BIN: explicit }),
      ...(searchPath === undefined ? {} : { PATH: searchPath }),
    };
  }

  variables({ clusterId, tenantId, labels }: InstanceSpec, adminUsername?: string): Readonly<Record<string, unknown>> {
    return {
      cluster_id: clusterId,
      tenant_id: tenantId,
      folder: path.join(path.resolve(this.options.instanceRoot), clusterId),
      labels,
      // New each time: each create sets the verifier that it was given.
      admin_revision: randomUUID(),
      ...(adminUsername === undefined ? {} : { admin_username: adminUsername }),
    };
  }

  refuse(): void {
    // Any that was found: what it needs is built in.
  }

  secretEnvironment({ password, streams }: InstanceAdmin): Readonly<Record<string, string>> {
    return {
      BERTH_ADMIN_VERIFIER: scramVerifier(password),
      ...(streams !== undefined && { BERTH_STREAMS_VERIFIER: scramVerifier(streams.password) }),
    };
  }

  /** Binds the run to the programs of the wanted major version. @throws `postgres-programs-missing` */
  async environmentFor({ postgresMajor }: InstanceSpec): Promise<Readonly<Record<string, string>>> {
    const all = await listPostgresPrograms(this.options.programs);
    const found = postgresMajor === undefined ? undefined : all.find(({ major }) => major === postgresMajor);
    if (found !== undefined) return { BERTH_PG_BIN: found.bin };
    if (postgresMajor === undefined) return {};
    const present = all.map(({ version }) => version).join(', ');
    throw new BerthError(
      'postgres-programs-missing',
      `PostgreSQL ${String(postgresMajor)} is not on this machine; there is ${present === '' ? 'none' : present}.`,
      { hint: `Install PostgreSQL ${String(postgresMajor)}, or choose a version that is there.` },
    );
  }
}
