import { z } from 'zod';
import {
  attemptNames,
  attemptVerdicts,
  isolationProofStates,
  isolationVerdicts,
  type IsolationProof,
  type IsolationReport,
} from '@berth/domain';
import { output, time, timeField, timeOrNull, uuidField } from '../http/dto.js';

const attemptField = z.enum(attemptNames as [string, ...string[]]).meta({ description: 'Kind of the attempt.' });
const poolerField = z.string().nullable().meta({ description: 'Id of the pooler; null: directly.' });
const countField = z.number().int().min(0);

const reportDto = z.object({
  tenants: countField.meta({ description: 'Places on the cluster, kept old ones too.' }),
  pairs: countField.meta({ description: 'Ordered pairs that were chosen.' }),
  allPairs: countField.meta({ description: 'Ordered pairs that there are.' }),
  sample: z.string().nullable().meta({ description: 'How the pairs were chosen; null: all of them.' }),
  poolers: z.array(z.string()),
  counts: z
    .array(
      z.object({
        attempt: attemptField,
        pooler: poolerField,
        refused: countField,
        reached: countField,
        notTried: countField,
      }),
    )
    .meta({ description: 'One for each attempt and way; the three add up to the pairs.' }),
  rows: z
    .array(
      z.object({
        from: z.string(),
        to: z.string(),
        pooler: poolerField,
        refused: countField,
        others: z.array(
          z.object({
            attempt: attemptField,
            verdict: z.enum(attemptVerdicts),
            because: z.string().nullable(),
          }),
        ),
      }),
    )
    .meta({
      description: 'One for each pair and way. Every attempt that is not among `others` was tried and refused.',
    }),
});

const summary = { verdict: z.enum(isolationVerdicts), endedAt: timeField };

export const isolationProofDto = output(
  'IsolationProof',
  z.object({
    id: uuidField,
    clusterId: z.string(),
    state: z.enum(isolationProofStates),
    verdict: summary.verdict.nullable().meta({
      description:
        'isolated: everything was tried and refused; broken: something was reached; incomplete: something was not tried; null: not ended yet.',
    }),
    requestedBy: z.string(),
    createdAt: timeField,
    startedAt: timeField.nullable(),
    endedAt: timeField.nullable(),
    before: z
      .object({ id: uuidField, ...summary })
      .nullable()
      .meta({ description: 'While this one has not ended: the last one that has.' }),
    report: reportDto.nullable(),
  }),
  {
    id: '0192f3a4-5b6c-7d8e-9f00-112233445566',
    clusterId: 'shared-1',
    state: 'ended',
    verdict: 'broken',
    requestedBy: 'key:bootstrap-0a1b2c3d4e5f',
    createdAt: '2026-11-21T09:30:00.000Z',
    startedAt: '2026-11-21T09:30:01.000Z',
    endedAt: '2026-11-21T09:30:03.000Z',
    before: null,
    report: {
      tenants: 2,
      pairs: 2,
      allPairs: 2,
      sample: null,
      poolers: [],
      counts: [{ attempt: 'select', pooler: null, refused: 1, reached: 1, notTried: 0 }],
      rows: [
        {
          from: 'acme-corp',
          to: 'corner-bakery',
          pooler: null,
          refused: 29,
          others: [
            {
              attempt: 'select',
              verdict: 'reached',
              because: 'tenant_acme_corp can read "tenant_corner_bakery"."orders".',
            },
          ],
        },
        { from: 'corner-bakery', to: 'acme-corp', pooler: null, refused: 30, others: [] },
      ],
    },
  },
);

type Body = z.output<typeof isolationProofDto>;

/** `last`: the newest one that has ended, told while `proof` has not. */
export function isolationProofBody(proof: IsolationProof, last: IsolationProof | null): Body {
  const { id, clusterId, state, verdict, requestedBy, report } = proof;
  return {
    ...{ id, clusterId, state, verdict, requestedBy },
    createdAt: time(proof.createdAt),
    startedAt: timeOrNull(proof.startedAt),
    endedAt: timeOrNull(proof.endedAt),
    before: state === 'ended' ? null : summaryOf(last),
    report: report === null ? null : reportBody(report),
  };
}

function summaryOf(proof: IsolationProof | null): Body['before'] {
  if (proof === null || proof.verdict === null || proof.endedAt === null) return null;
  return { id: proof.id, verdict: proof.verdict, endedAt: time(proof.endedAt) };
}

function reportBody({ counts, rows, poolers, ...numbers }: IsolationReport): NonNullable<Body['report']> {
  return {
    ...numbers,
    poolers: [...poolers],
    counts: [...counts],
    rows: rows.map((row) => ({ ...row, others: [...row.others] })),
  };
}
