import type { ReplicationStream } from '@berth/domain';
import { quoteQualified, type QuotedIdent } from '../connection/index.js';

/** Of the stream's own schema, which bears its name at both ends. */
export function markerTable({ name }: ReplicationStream): QuotedIdent {
  return quoteQualified(name, 'marker');
}

/** Offers the marker alone: what a stream that rests brings. The stream's own publication offers every table. */
export function restingPublication({ name }: ReplicationStream): string {
  return `${name}_m`;
}

/** Which tables had another identity before; at the end that publishes. */
export function identityTable({ name }: ReplicationStream): QuotedIdent {
  return quoteQualified(name, 'identity_before');
}

/** What is copied, table by table, and the mark of the moment at which a table was; at the end that applies. */
export function plannedTable({ name }: ReplicationStream): QuotedIdent {
  return quoteQualified(name, 'planned');
}
