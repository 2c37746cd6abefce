export { berthSchema } from './berth-schema.js';
export {
  ClusterConnections,
  type ClusterConnectionsOptions,
  type Connection,
  withFreshClient,
} from './cluster-connections.js';
export { lendOwner } from './lend-owner.js';
export { fenceOff } from './operation-fence.js';
export { asMember, grantToSelf, revokeFromSelf, serverMajor } from './owner-membership.js';
export { boundBy } from './server-bounds.js';
export { quoteIdent, quoteLiteral, quoteQualified, type QuotedIdent } from './quoting.js';
export { type ErrorContext, safeMessage, sqlStateOf, translateError } from './translate-error.js';
export { tlsOptions, withCaFile } from './tls.js';
export { tlsFaultOfPrograms } from './tls-fault.js';
export { inTransaction, type TransactionOptions } from './transaction.js';
