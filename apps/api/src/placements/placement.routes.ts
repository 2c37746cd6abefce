import { describeRoute } from '../http/route.js';
import { tenantPath } from '../tenants/tenant.dto.js';
import { explanationDto } from './placement.dto.js';

export const explainPlacement = describeRoute({
  id: 'explain-placement',
  summary: 'Explain where a tenant is, and why',
  description:
    'What was decided when and by which operation, every cluster that was considered and what refused it, and what would be chosen now. A key of one tenant sees of these clusters only those that were chosen.',
  boundKeys: 'own-tenant',
  path: tenantPath,
  answers: { 200: { description: 'The decision, and what it would be now.', schema: explanationDto } },
  problems: ['tenant-not-found', 'tenant-state'],
});
