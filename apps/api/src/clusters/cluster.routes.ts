import { describeRoute } from '../http/route.js';
import {
  clusterDto,
  clusterList,
  clusterListQuery,
  clusterPath,
  patchClusterBody,
  registerClusterBody,
  registerClusterQuery,
  registrationDto,
} from './cluster.dto.js';

export const registerCluster = describeRoute({
  id: 'register-cluster',
  summary: 'Register a PostgreSQL server; its checks run first',
  boundKeys: 'refused',
  query: registerClusterQuery,
  body: registerClusterBody,
  answers: {
    200: { description: 'The dry run: all findings. Nothing was done.', schema: registrationDto },
    201: { description: 'It is registered and takes tenants.', schema: registrationDto, headers: ['Location', 'ETag'] },
  },
  problems: [
    'cluster-exists',
    'cluster-unreachable',
    'cluster-tls',
    'preflight-failed',
    'cluster-too-old',
    'cluster-rights',
    'cluster-unsafe',
    'cluster-full',
    'secret-conflict',
    'secrets-unavailable',
  ],
});

export const listClusters = describeRoute({
  id: 'list-clusters',
  summary: 'List clusters with their room, and with their load on request',
  boundKeys: 'refused',
  query: clusterListQuery,
  answers: { 200: { description: 'All clusters.', schema: clusterList } },
  problems: [],
});

export const getCluster = describeRoute({
  id: 'get-cluster',
  summary: 'Show a cluster with its load and room',
  boundKeys: 'refused',
  path: clusterPath,
  answers: { 200: { description: 'The cluster.', schema: clusterDto, headers: ['ETag'] } },
  problems: ['cluster-not-found'],
});

const changed = { 200: { description: 'The cluster as it is now.', schema: clusterDto, headers: ['ETag'] } } as const;

export const patchCluster = describeRoute({
  id: 'change-cluster',
  summary: 'Change labels, limits, encryption and the login for streams of a cluster',
  description:
    'A new ssl mode or authority is tried first, and refused when the server is not reached by it. Repair the tenants of the cluster afterwards: it is in their secrets. A login for streams is checked before it is kept.',
  boundKeys: 'refused',
  path: clusterPath,
  body: patchClusterBody,
  ifMatch: true,
  answers: changed,
  problems: [
    'cluster-not-found',
    'version-conflict',
    'precondition-failed',
    'cluster-tls',
    'cluster-unreachable',
    'preflight-failed',
    'secret-conflict',
    'secret-missing',
    'secrets-unavailable',
  ],
});

export const cordonCluster = describeRoute({
  id: 'cordon-cluster',
  summary: 'Keep new tenants away from a cluster',
  boundKeys: 'refused',
  path: clusterPath,
  ifMatch: true,
  answers: changed,
  problems: ['cluster-not-found', 'version-conflict', 'precondition-failed'],
});

export const uncordonCluster = describeRoute({
  id: 'uncordon-cluster',
  summary: 'Let new tenants onto a cluster again',
  boundKeys: 'refused',
  path: clusterPath,
  ifMatch: true,
  answers: changed,
  problems: ['cluster-not-found', 'cluster-draining', 'version-conflict', 'precondition-failed'],
});

export const deleteCluster = describeRoute({
  id: 'delete-cluster',
  summary: 'Forget a cluster without tenants; the server itself is left alone',
  boundKeys: 'refused',
  path: clusterPath,
  ifMatch: true,
  answers: { 204: { description: 'It is forgotten, its admin login destroyed.', schema: null } },
  problems: ['cluster-not-found', 'cluster-in-use', 'version-conflict', 'precondition-failed'],
});
