import { describeRoute } from '../http/route.js';
import { clusterPath } from './cluster.dto.js';
import { isolationProofDto } from './isolation.dto.js';

export const proveIsolation = describeRoute({
  id: 'prove-isolation',
  summary: 'Prove that no tenant of a cluster reaches another one',
  description:
    'A worker logs in with the credentials of every tenant, directly and through every pooler, and tries to reach every other tenant. Nothing is changed there. While a proof of the cluster is under way, that one is the answer.',
  boundKeys: 'refused',
  path: clusterPath,
  answers: {
    202: { description: 'It was asked for; a worker makes it.', schema: isolationProofDto, headers: ['Location'] },
  },
  problems: ['cluster-not-found'],
});

export const getIsolation = describeRoute({
  id: 'get-isolation',
  summary: 'Show the newest proof of isolation of a cluster, pair by pair',
  boundKeys: 'refused',
  path: clusterPath,
  answers: { 200: { description: 'The proof, with all that was found when it has ended.', schema: isolationProofDto } },
  problems: ['cluster-not-found', 'proof-not-found'],
});
