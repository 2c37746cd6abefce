import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { repository } from './compose-file.js';

/** Every expression of the dashboard and the alerts. */
export async function expressions(): Promise<readonly string[]> {
  const read = (file: string) => readFile(path.join(repository, 'infra', file), 'utf8');
  const dashboard = JSON.parse(await read('grafana/dashboards/berth.json')) as {
    readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
  };
  const alerts = parse(await read('prometheus/alerts.yml')) as {
    readonly groups: readonly { readonly rules: readonly { readonly expr: string }[] }[];
  };
  const shown = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  return [...shown, ...alerts.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr))];
}

/** What they ask for of Berth's own processes, as it is printed: without the parts of a histogram. */
export async function metricNames(): Promise<readonly string[]> {
  const names = (await expressions()).flatMap((text) => text.match(/\b(?:berth|process|nodejs)_[a-z0-9_]+/g) ?? []);
  return [...new Set(names.map((name) => name.replace(/_(?:bucket|count|sum)$/, '')))].sort();
}

/** The names that a process prints. */
export function metricsIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name ?? ''));
}
