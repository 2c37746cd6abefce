import type { InstanceModule } from './instance-module.js';

type Meanings = InstanceModule['meanings'];

/** One fault or warning, as Terraform's JSON output tells it. */
export interface Diagnostic {
  readonly severity: string;
  readonly summary: string;
  readonly detail: string;
}

export interface PlannedChange {
  /** Address of the resource, for example `module.instance.terraform_data.instance`. */
  readonly address: string;
  readonly action: string;
}

/** What Berth reads of a line of `-json` output; all else is for people. */
export type TerraformEvent =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'change'; readonly change: PlannedChange }
  | { readonly kind: 'fault'; readonly diagnostic: Diagnostic }
  | { readonly kind: 'outputs'; readonly outputs: Readonly<Record<string, unknown>> };

interface RawEvent {
  readonly '@message'?: string;
  readonly type?: string;
  readonly diagnostic?: Partial<Diagnostic>;
  readonly change?: { readonly action?: string; readonly resource?: { readonly addr?: string } };
  readonly outputs?: Readonly<Record<string, { readonly value?: unknown }>>;
}

const progressTypes = new Set(['apply_start', 'apply_progress', 'apply_complete', 'provision_start', 'refresh_start']);

/** Null for what says nothing to Berth, and for lines that are not JSON: a warning may stand before the first event. */
export function parseEvent(line: string): TerraformEvent | null {
  const raw = parseJson(line);
  if (raw === null) return null;
  if (raw.type === 'diagnostic' && raw.diagnostic?.severity === 'error') {
    const { severity, summary = '', detail = '' } = raw.diagnostic;
    return { kind: 'fault', diagnostic: { severity, summary, detail } };
  }
  const address = raw.change?.resource?.addr;
  if (raw.type === 'planned_change' && address !== undefined) {
    return { kind: 'change', change: { address, action: raw.change?.action ?? 'change' } };
  }
  if (raw.type === 'outputs' && raw.outputs !== undefined) {
    const outputs = Object.entries(raw.outputs).map(([name, { value }]) => [name, value] as const);
    return { kind: 'outputs', outputs: Object.fromEntries(outputs) };
  }
  if (raw.type !== undefined && progressTypes.has(raw.type)) {
    return { kind: 'progress', text: raw['@message'] ?? raw.type };
  }
  return null;
}

function parseJson(line: string): RawEvent | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

/** The plan in the order of the work; Terraform's own order is that of its walk, and differs from run to run. */
export function sentencesOf(changes: readonly PlannedChange[], meanings: Meanings): readonly string[] {
  const known = Object.keys(meanings);
  const rank = ({ address }: PlannedChange): number =>
    known.includes(address) ? known.indexOf(address) : known.length;
  return [...changes]
    .sort((left, right) => rank(left) - rank(right) || left.address.localeCompare(right.address))
    .map((change) => sentenceOf(change, meanings));
}

function sentenceOf({ address, action }: PlannedChange, meanings: Meanings): string {
  const meaning = meanings[address]?.[action];
  return meaning === undefined
    ? `Terraform will ${action} ${address}.`
    : `${meaning} (Terraform: ${action} ${address}).`;
}
