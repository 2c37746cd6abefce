import { z } from 'zod';
import {
  type DoctorCheck,
  doctorChecks,
  type DoctorFinding,
  type DoctorReport,
  doctorVerdict,
  doctorVerdicts,
  type FixOutcome,
} from '@berth/domain';
import { output, time, timeField } from '../http/dto.js';
import { findingBody, findingDto } from '../operations/operation.dto.js';

const checkField = z.enum(Object.keys(doctorChecks) as [DoctorCheck, ...DoctorCheck[]]);
const countField = z.number().int().min(0);

const doctorFindingDto = findingDto.extend({
  check: checkField,
  safeToFix: z.boolean().meta({ description: 'POST /v1/doctor/fixes mends it.' }),
});

const drifted = {
  check: 'tenants',
  severity: 'error',
  code: 'tenant-drifted',
  object: 'tenant acme-corp',
  message: 'The login role tenant_acme_corp__a is missing.',
  remedy: 'berth tenants repair acme-corp',
  safeToFix: true,
} as const;

const example = {
  verdict: 'errors' as const,
  examinedAt: '2026-11-21T09:30:00.000Z',
  ms: 412,
  clusters: 2,
  tenants: 118,
  findings: [drifted],
  notExamined: [
    {
      check: 'settings' as const,
      object: 'pg_hba.conf of cluster shared-1',
      because: 'The admin may not read it.',
    },
  ],
};

const reportShape = z.object({
  verdict: z.enum(doctorVerdicts).meta({
    description: 'The worst that holds. incomplete: nothing was found, and something was not examined.',
  }),
  examinedAt: timeField,
  ms: countField.meta({ description: 'How long it took.' }),
  clusters: countField.meta({ description: 'Clusters that were read.' }),
  tenants: countField.meta({ description: 'Tenants that were compared with what they should be.' }),
  findings: z.array(doctorFindingDto).meta({ description: 'The worst first.' }),
  notExamined: z
    .array(z.object({ check: checkField, object: z.string(), because: z.string() }))
    .meta({ description: 'Of these nothing is known: they are not known to be well.' }),
});

export const doctorReportDto = output('DoctorReport', reportShape, example);

const outcomes = ['mended', 'started', 'left', 'planned'] as const satisfies readonly FixOutcome['outcome'][];

export const doctorFixesDto = output(
  'DoctorFixes',
  z.object({
    report: reportShape,
    fixes: z.array(
      z.object({
        kind: z.string(),
        object: z.string().meta({ description: 'What it is about.' }),
        outcome: z.enum(outcomes).meta({
          description:
            'mended: done and read back; started: an operation does it; left: not done, for the reason told; planned: the dry run.',
        }),
        message: z.string(),
      }),
    ),
  }),
  {
    report: example,
    fixes: [
      {
        kind: 'repair-tenant',
        object: 'acme-corp',
        outcome: 'started',
        message: 'berth operations watch 0192f3a4-5b6c-7d8e-9f00-112233445566',
      },
    ],
  },
);

type ReportBody = z.output<typeof reportShape>;

export function doctorReportBody(report: DoctorReport): ReportBody {
  const { examinedAt, ms, clusters, tenants, findings, notExamined } = report;
  return {
    verdict: doctorVerdict(report),
    examinedAt: time(examinedAt),
    ...{ ms, clusters, tenants },
    findings: findings.map(doctorFindingBody),
    notExamined: [...notExamined],
  };
}

function doctorFindingBody(finding: DoctorFinding) {
  return { ...findingBody(finding), check: finding.check, safeToFix: finding.fix !== null };
}

export function doctorFixesBody(report: DoctorReport, fixes: readonly FixOutcome[]): z.output<typeof doctorFixesDto> {
  return {
    report: doctorReportBody(report),
    fixes: fixes.map(({ fix, outcome, message }) => ({ kind: fix.kind, object: objectOf(fix), outcome, message })),
  };
}

function objectOf(fix: FixOutcome['fix']): string {
  switch (fix.kind) {
    case 'remove-stream':
      return `${fix.name} on ${fix.clusterId}`;
    case 'drop-scratch':
      return `${fix.database} on ${fix.clusterId}`;
    case 'prepare-cluster':
      return fix.clusterId;
    case 'mend-routes':
      return fix.poolerId;
    case 'repair-tenant':
      return fix.tenantId;
    case 'tell-queue':
      return fix.operationId;
  }
}
