import type { Finding, Place } from '@berth/domain';
import type { ClusterConnections } from '../connection/index.js';

export interface PreflightOptions {
  readonly dumpsFolder: string;
  readonly programsFor: (postgresMajor: number) => Promise<string>;
}

export async function copyPreflight(
  _connections: ClusterConnections,
  _source: Place,
  _target: { readonly clusterId: string; readonly database: string },
  _options: PreflightOptions,
): Promise<readonly Finding[]> {
  return [];
}
