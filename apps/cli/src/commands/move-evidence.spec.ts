import type { MoveEvidence } from '../api/client.js';
import { evidenceMarkdown } from './move-evidence.js';

const at = '2026-11-21T09:30:00.000Z';
const evidence: MoveEvidence = {
  move: {
    ...{ id: 'm-1', tenantId: 'acme', strategy: 'online', direction: 'promote', switch: 'manual', state: 'switched' },
    ...{
      reason: null,
      error: null,
      readBack: null,
      fromGeneration: 1,
      toGeneration: 2,
      fromClusterId: 'shared-1',
      toClusterId: 'own',
    },
    ...{
      switchRequestedAt: at,
      verifyRequestedAt: null,
      switchedAt: at,
      reversedAt: null,
      writePauseMs: 21,
      version: 3,
      createdAt: at,
      endedAt: null,
    },
    progress: null,
    reverseComparison: null,
    comparison: {
      ...{ equal: true, rows: 1_200, bytes: 4_096, ms: 7, differences: [], differenceCount: 0, comparedAt: at },
      tables: [
        {
          table: 'odd|name',
          sourceRows: 1_200,
          targetRows: 1_200,
          bytes: 4_096,
          ms: 7,
          equal: true,
          sourceHash: 'ab12',
          targetHash: 'ab13',
        },
      ],
    },
  },
  operations: [
    {
      ...{
        id: 'm-1',
        kind: 'move-tenant',
        tenantId: 'acme',
        clusterIds: [],
        state: 'succeeded',
        reason: null,
        error: null,
      },
      ...{
        cancelRequestedAt: null,
        requestedBy: 'key:k',
        nextAttemptAt: null,
        createdAt: at,
        startedAt: at,
        endedAt: at,
      },
      result: {
        switchMs: 21,
        switchTimes: { lock: 2 },
        switchPositions: { marker: 7, pivotLsn: '0/1A' },
        nothing: null,
      },
      steps: [
        {
          ...{
            number: 1,
            name: 'switch-over',
            description: 'Switch.',
            state: 'done',
            pointOfNoReturn: true,
            attempts: 1,
          },
          ...{ progress: null, error: null, startedAt: at, endedAt: '2026-11-21T09:30:00.250Z' },
        },
      ],
    },
  ],
  requests: [
    {
      ...{ number: 1, at, actor: 'key:k', action: 'switch-move', tenantId: 'acme', object: '/v1/moves/m-1/switch' },
      ...{ from: '10.0.0.7', answer: '202', operationId: 'm-1', hash: 'ff' },
    },
  ],
};

it('the evidence of a move reads as one document', () => {
  const lines = evidenceMarkdown(evidence).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      '# Move of acme',
      '- Writers waited or were refused for 21 ms',
      '| 2026-11-21T09:30:00.000Z | key:k | 10.0.0.7 | switch-move | 202 |',
      '| switch-over | done | 2026-11-21T09:30:00.000Z | 250 ms | 1 |',
      '- switchTimes: `{"lock":2}`',
      '- switchPositions: `{"marker":7,"pivotLsn":"0/1A"}`',
      'At 2026-11-21T09:30:00.000Z: 1,200 rows, 4.0 KB, all equal.',
      '| odd\\|name | 1,200 | 1,200 | yes | ab12 | ab13 |',
    ]),
  );
  expect(lines.join('\n')).not.toContain('nothing');
  expect(lines).not.toContain('## What the reverse compared');
});

it('tells what a move failed by, and what to do', () => {
  const { move, operations } = evidence;
  const error = { code: 'schema-changed', message: 'Table album came.', hint: 'Start it again.', details: {} };
  const failed = operations.map((one) => ({ ...one, state: 'failed' as const, error }));
  const reason = 'Table album came. The tenant stayed where it was.';
  const lines = evidenceMarkdown({ ...evidence, move: { ...move, reason, error }, operations: failed }).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      `- ${reason}`,
      '## move-tenant: failed',
      'What went wrong (schema-changed): Table album came.',
      'What to do: Start it again.',
    ]),
  );
});

it('tells what was found to be gone, and where', () => {
  const readBack = { at, gone: [{ what: 'stream' as const, name: 'berth_acme_g2_f', clusterId: 'shared-1' }] };
  const lines = evidenceMarkdown({ ...evidence, move: { ...evidence.move, readBack } }).split('\n');
  expect(lines.slice(-3)).toEqual([
    ...[`At ${at}, from the servers themselves:`, ''],
    '- stream berth_acme_g2_f on shared-1: gone',
  ]);
});

it('what a reverse compared stands beside what the switch compared', () => {
  const { move } = evidence;
  const reverseComparison = move.comparison && { ...move.comparison, rows: 1_300, equal: false };
  const lines = evidenceMarkdown({ ...evidence, move: { ...move, reverseComparison } }).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      `At ${at}: 1,200 rows, 4.0 KB, all equal.`,
      '## What the reverse compared',
      `At ${at}: 1,300 rows, 4.0 KB, NOT equal.`,
    ]),
  );
});
