import type { Finding } from './cluster.js';
import type { TenantId } from './names.js';

/** What a doctor looks at, in the order in which it is told. */
export const doctorChecks = {
  clusters: 'every cluster answers, and is what Berth needs',
  versions: 'no server runs a version that gets no more fixes',
  certificates: 'no certificate expires soon',
  settings: 'no server is set so that it may lose or show what it holds',
  tenants: 'every tenant has the roles, the schema and the rights that it should have',
  secrets: 'every tenant has its secrets, and every secret somebody whom it belongs to',
  streams: 'no slot, publication, subscription, schema or role is left of a move that has ended',
  log: 'no server keeps much of its log for a slot',
  places: 'no schema or role bears the name of a tenant that does not live there',
  scratch: 'no database is left of a rehearsal that has ended',
  instances: 'every instance that was made is a cluster, and every cluster that was made has its instance',
  poolers: 'every pooler is safe, and leads where the catalog says',
  operations: 'no operation stands still',
} as const satisfies Readonly<Record<string, string>>;
export type DoctorCheck = keyof typeof doctorChecks;

/** What may be done without a person's judgement: it touches no tenant's data, or is an operation with all its checks. */
export type DoctorFix =
  | {
      readonly kind: 'remove-stream';
      readonly tenantId: TenantId;
      readonly clusterId: string;
      readonly database: string;
      readonly name: string;
    }
  | { readonly kind: 'drop-scratch'; readonly clusterId: string; readonly database: string }
  | { readonly kind: 'prepare-cluster'; readonly clusterId: string }
  | { readonly kind: 'mend-routes'; readonly poolerId: string }
  | { readonly kind: 'repair-tenant'; readonly tenantId: TenantId }
  | { readonly kind: 'tell-queue'; readonly operationId: string };

export interface DoctorFinding extends Finding {
  readonly check: DoctorCheck;
  /** Null: a person has to decide. Several findings may have one fix. */
  readonly fix: DoctorFix | null;
}

/** Something that was not looked at: of it nothing is known, and so not that it is well. */
export interface NotExamined {
  readonly check: DoctorCheck;
  readonly object: string;
  readonly because: string;
}

export const doctorVerdicts = ['errors', 'warnings', 'incomplete', 'healthy'] as const;
/** The worst that holds. `incomplete`: nothing was found, and something was not examined. */
export type DoctorVerdict = (typeof doctorVerdicts)[number];

export interface DoctorReport {
  readonly examinedAt: Date;
  /** How long it took. */
  readonly ms: number;
  /** Clusters that answered. */
  readonly clusters: number;
  /** Tenants that were compared with what they should be. */
  readonly tenants: number;
  readonly findings: readonly DoctorFinding[];
  readonly notExamined: readonly NotExamined[];
}

/** `mended`: done and read back; `started`: an operation does it; `left`: it was not done, for the reason told. */
export interface FixOutcome {
  readonly fix: DoctorFix;
  readonly outcome: 'mended' | 'started' | 'left' | 'planned';
  readonly message: string;
}

const severities = ['error', 'warning', 'info'] as const;

/** The worst first, then in the order of the checks. */
export function inOrder(findings: readonly DoctorFinding[]): readonly DoctorFinding[] {
  const checks = Object.keys(doctorChecks);
  const rank = ({ severity, check }: DoctorFinding) =>
    severities.indexOf(severity) * checks.length + checks.indexOf(check);
  return [...findings].sort((one, other) => rank(one) - rank(other) || (one.object < other.object ? -1 : 1));
}

export function doctorVerdict({
  findings,
  notExamined,
}: Pick<DoctorReport, 'findings' | 'notExamined'>): DoctorVerdict {
  if (findings.some(({ severity }) => severity === 'error')) return 'errors';
  if (findings.some(({ severity }) => severity === 'warning')) return 'warnings';
  return notExamined.length > 0 ? 'incomplete' : 'healthy';
}
