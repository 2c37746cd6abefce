import { dryRunQuery } from '../http/dto.js';
import { describeRoute } from '../http/route.js';
import { operationAnswers, wordAnswers } from '../operations/start-operation.js';
import { tenantPath } from '../tenants/tenant.dto.js';
import { createMoveBody, moveDto, moveEvidenceDto, moveListQuery, movePage, movePath } from './move.dto.js';

const started = ['operation-in-progress', 'preflight-failed', 'catalog-unavailable', 'queue-unavailable'] as const;

export const createMove = describeRoute({
  id: 'create-move',
  summary: 'Move a tenant to another place',
  boundKeys: 'own-tenant',
  path: tenantPath,
  query: dryRunQuery,
  body: createMoveBody,
  ifMatch: true,
  answers: operationAnswers,
  problems: [
    ...([
      'tenant-not-found',
      'tenant-state',
      'move-open',
      'cluster-not-found',
      'no-cluster-fits',
      'constraint-broken',
      'strategy-mismatch',
      'window-passed',
    ] as const),
    ...(['cluster-full', 'cluster-cordoned', 'isolation-broken', 'precondition-failed'] as const),
    ...started,
  ],
});

export const listMoves = describeRoute({
  id: 'list-moves',
  summary: 'List moves, newest first',
  boundKeys: 'filtered',
  query: moveListQuery,
  answers: { 200: { description: 'A page.', schema: movePage } },
  problems: ['invalid-cursor', 'tenant-not-found'],
});

export const getMove = describeRoute({
  id: 'get-move',
  summary: 'Show a move and what was compared',
  boundKeys: 'filtered',
  path: movePath,
  answers: { 200: { description: 'The move.', schema: moveDto, headers: ['ETag'] } },
  problems: ['move-not-found'],
});

export const getMoveEvidence = describeRoute({
  id: 'get-move-evidence',
  summary: 'Everything that is on record of a move, to be kept',
  description:
    'Who asked for what and when, every step with its times and results, and every table with its rows and hashes.',
  boundKeys: 'filtered',
  path: movePath,
  answers: { 200: { description: 'The evidence.', schema: moveEvidenceDto } },
  problems: ['move-not-found'],
});

export const switchMove = describeRoute({
  id: 'switch-move',
  summary: 'Press switch on a move whose switch is manual',
  description:
    'The dry run lists the steps that are left, and looks at all that the switch will meet: its window, the streams and their backlog, the age of the comparison, poolers, both servers.',
  boundKeys: 'filtered',
  path: movePath,
  query: dryRunQuery,
  ifMatch: true,
  answers: wordAnswers,
  problems: ['move-not-found', 'move-state', 'precondition-failed'],
});

export const verifyMove = describeRoute({
  id: 'verify-move',
  summary: 'Compare every row again while a move waits for its switch',
  description:
    'Of an online move that is `ready`. Its operation compares both ends while the tenant works on, then waits again; `verifyRequestedAt` is null once that is done, and `comparison` the new one, by which a switch goes. Rows that differ undo the move. Elsewhere it answers `move-state` with what to do instead.',
  boundKeys: 'filtered',
  path: movePath,
  query: dryRunQuery,
  ifMatch: true,
  answers: wordAnswers,
  problems: ['move-not-found', 'move-state', 'precondition-failed'],
});

export const reverseMove = describeRoute({
  id: 'reverse-move',
  summary: 'Go back to the old place, with every later write kept',
  description:
    'Between the switch of an online move and its completion: the same switch with the ends exchanged. Afterwards the move is `reversed`, and completing it gives the place up that it had led to. A dump move keeps no way back: it answers `move-state` with what to do instead.',
  boundKeys: 'filtered',
  path: movePath,
  query: dryRunQuery,
  ifMatch: true,
  answers: operationAnswers,
  problems: [
    ...(['move-not-found', 'move-state', 'tenant-state', 'placement-conflict', 'precondition-failed'] as const),
    ...started,
  ],
});

export const completeMove = describeRoute({
  id: 'complete-move',
  summary: 'Give up the place where the tenant is no more, after a final dump of it',
  description: 'The old place of a switched move; of a reversed one the place that it had led to.',
  boundKeys: 'filtered',
  path: movePath,
  query: dryRunQuery,
  ifMatch: true,
  answers: operationAnswers,
  problems: ['move-not-found', 'move-state', 'precondition-failed', ...started],
});

export const cancelMove = describeRoute({
  id: 'cancel-move',
  summary: 'Cancel a move before its switch; everything it made is undone',
  description: 'The dry run lists the steps that are taken back, in their order.',
  boundKeys: 'filtered',
  path: movePath,
  query: dryRunQuery,
  ifMatch: true,
  answers: wordAnswers,
  problems: ['move-not-found', 'move-state', 'operation-state', 'past-point-of-no-return', 'precondition-failed'],
});
