import { describeRoute } from '../http/route.js';
import { tenantPath } from '../tenants/tenant.dto.js';
import { clientListDto, clientReportDto, reportClientBody } from './client.dto.js';

export const listClients = describeRoute({
  id: 'list-clients',
  summary: 'List who works with a tenant: clients that report themselves, and sessions',
  boundKeys: 'own-tenant',
  path: tenantPath,
  answers: { 200: { description: 'Everybody who is seen now.', schema: clientListDto } },
  problems: ['tenant-not-found', 'cluster-unreachable', 'cluster-not-found', 'secret-missing', 'database-unavailable'],
});

export const reportClient = describeRoute({
  id: 'report-client',
  summary: 'Say with which login a client of a tenant works',
  description:
    'For services of the product, once a minute and after each new version of the secret. A rotation waits for clients that report the old login. A report that is not renewed ends after five minutes.',
  boundKeys: 'own-tenant',
  path: tenantPath,
  body: reportClientBody,
  auditedWhenRefused: true,
  answers: { 200: { description: 'The report as it is kept.', schema: clientReportDto } },
  problems: ['tenant-not-found'],
});
