import { z } from 'zod';
import { dryRunQuery, nameField } from '../http/dto.js';
import { describeRoute } from '../http/route.js';
import { doctorFixesDto, doctorReportDto } from './doctor.dto.js';

const examineQuery = z.strictObject({
  cluster: nameField.optional().meta({ description: 'This cluster and its tenants alone.' }),
});

export const examine = describeRoute({
  id: 'examine-system',
  summary: 'Read everything back and compare it with the catalog',
  description:
    'Nothing is changed. A part that does not answer is a finding, or is among what was not examined; the others are examined all the same.',
  boundKeys: 'refused',
  query: examineQuery,
  answers: { 200: { description: 'All that was found, the worst first.', schema: doctorReportDto } },
  problems: ['cluster-not-found'],
});

export const fix = describeRoute({
  id: 'fix-system',
  summary: 'Examine, and mend what needs no person',
  description:
    'Only what belongs to no tenant and no operation and is Berth’s own is taken away; a tenant that differs gets a repair, which is an operation with all its checks. Data is never touched.',
  boundKeys: 'refused',
  query: examineQuery.extend(dryRunQuery.shape),
  answers: { 200: { description: 'What was found, and what became of each fix.', schema: doctorFixesDto } },
  problems: ['cluster-not-found'],
});
