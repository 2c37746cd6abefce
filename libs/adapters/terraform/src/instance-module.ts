import type { InstanceAdmin, InstanceSpec } from '@berth/ports';
import type { TerraformProgram } from './find-terraform.js';

/** A module of Terraform that makes instances, and all that differs from one such module to the other. */
export interface InstanceModule {
  /** Folder of the module. */
  readonly folder: string;
  /** The resource that is the server: what it holds is the tenant's data. */
  readonly server: { readonly type: string; readonly name: string };
  /** Whether an apply finishes a server whose creation failed, rather than replaces it. */
  readonly finishesTainted: boolean;
  /** Outputs of the module that are kept in the state. */
  readonly outputs: readonly string[];
  /** Configuration of providers, by their names. */
  readonly providers: Readonly<Record<string, object>>;
  /** Variables that come by TF_VAR_…, and reach neither state nor plan. */
  readonly ephemeral: readonly string[];
  /** What Terraform's own sentence about a resource means, by address and action; one that is not here is told by its address. */
  readonly meanings: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Completes "Terraform's state says that the instance was made, and …" where the instance is not there. */
  readonly lost: string;
  /** Extra lines for Terraform's CLI configuration. */
  readonly cliConfig: string;
  /** Asked once, at the start. @throws `config-invalid` for a Terraform that the module cannot be run by */
  refuse(terraform: TerraformProgram): void;
  /** @throws when the module cannot make such an instance */
  variables(spec: InstanceSpec, adminUsername?: string): Readonly<Record<string, unknown>>;
  /** Whether the admin that it makes is the login for streams too. */
  readonly adminMakesStreams: boolean;
  /** The passwords, as the module wants them, for the environment of an apply. */
  secretEnvironment(admin: InstanceAdmin): Readonly<Record<string, string>>;
  /** For every run. */
  readonly environment: Readonly<Record<string, string>>;
  /** For the runs about this instance. @throws when the module cannot make such an instance */
  environmentFor(spec: InstanceSpec): Promise<Readonly<Record<string, string>>>;
}
