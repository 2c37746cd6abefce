import { describeRoute } from '../http/route.js';
import { auditListQuery, auditPage, auditVerificationDto } from './audit.dto.js';

export const listAudit = describeRoute({
  id: 'list-audit',
  summary: 'List the audit log, newest first',
  boundKeys: 'filtered',
  query: auditListQuery,
  answers: { 200: { description: 'A page.', schema: auditPage } },
  problems: ['invalid-cursor', 'tenant-not-found'],
});

export const verifyAudit = describeRoute({
  id: 'verify-audit',
  summary: 'Check the chain of the audit log, entry by entry',
  boundKeys: 'refused',
  answers: {
    200: { description: 'Whether it is intact, else the first entry that does not fit.', schema: auditVerificationDto },
  },
  problems: [],
});
