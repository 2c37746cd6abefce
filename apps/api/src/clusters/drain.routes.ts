import { dryRunQuery } from '../http/dto.js';
import { describeRoute } from '../http/route.js';
import { clusterPath } from './cluster.dto.js';
import { drainDto, drainPlanDto, startDrainBody } from './drain.dto.js';

export const drainCluster = describeRoute({
  id: 'drain-cluster',
  summary: 'Move all tenants of a cluster elsewhere',
  description:
    'Cordons the cluster, and moves its tenants to other shared clusters by labels, constraints and room, a few at a time. A tenant that cannot go stops no other one and is named.',
  boundKeys: 'refused',
  path: clusterPath,
  query: dryRunQuery,
  body: startDrainBody,
  answers: {
    200: { description: 'The dry run: each tenant with its target, or why it cannot go.', schema: drainPlanDto },
    202: { description: 'It was started; workers drive it.', schema: drainDto, headers: ['Location'] },
  },
  problems: ['cluster-not-found', 'cluster-in-use', 'cluster-draining'],
});

export const getDrain = describeRoute({
  id: 'get-drain',
  summary: 'Show the newest drain of a cluster, tenant by tenant',
  boundKeys: 'refused',
  path: clusterPath,
  answers: { 200: { description: 'The drain.', schema: drainDto } },
  problems: ['cluster-not-found', 'drain-not-found'],
});

export const stopDrain = describeRoute({
  id: 'stop-drain',
  summary: 'Stop the drain of a cluster',
  description:
    'Starts no further move; those under way go on to their end. The cluster stays cordoned. A new drain takes up the rest.',
  boundKeys: 'refused',
  path: clusterPath,
  answers: { 200: { description: 'It stops.', schema: drainDto } },
  problems: ['cluster-not-found', 'drain-not-found'],
});
