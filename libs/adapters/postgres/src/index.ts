export { ClusterConnections, type ClusterConnectionsOptions } from './connection/index.js';
