import { describeRoute } from '../http/route.js';
import { dryRunQuery } from '../http/dto.js';
import { operationAnswers } from '../operations/start-operation.js';
import { tenantPath } from '../tenants/tenant.dto.js';
import { revealBody, revealedSecretDto, rotateBody, secretDto } from './secret.dto.js';

const noSecret = [
  'tenant-not-found',
  'tenant-state',
  'secret-missing',
  'secret-corrupt',
  'secrets-unavailable',
] as const;

export const getSecret = describeRoute({
  id: 'get-tenant-secret',
  summary: 'Show where the secret of a tenant leads, its login and its versions; never a password',
  boundKeys: 'own-tenant',
  path: tenantPath,
  answers: { 200: { description: 'Everything but the password.', schema: secretDto } },
  problems: noSecret,
});

export const revealSecret = describeRoute({
  id: 'reveal-tenant-secret',
  summary: 'Show the password of a tenant, with a reason that is kept',
  description:
    'The audit log says who asked and why before anything is read; where it cannot be written, nothing is shown. Not to be kept by caches.',
  boundKeys: 'own-tenant',
  path: tenantPath,
  body: revealBody,
  answersSecret: true,
  answers: { 200: { description: 'The whole secret.', schema: revealedSecretDto } },
  problems: [...noSecret, 'catalog-unavailable'],
});

export const rotateLogin = describeRoute({
  id: 'rotate-login',
  summary: 'Rotate the login of a tenant: a second one, the switch, the end of the first',
  description:
    'Both logins work until every client that is seen has moved, or the grace time has ended. Until then it can be cancelled.',
  boundKeys: 'own-tenant',
  path: tenantPath,
  query: dryRunQuery,
  body: rotateBody,
  answers: operationAnswers,
  problems: [
    ...noSecret,
    'move-open',
    'plan-not-found',
    'operation-in-progress',
    'preflight-failed',
    'cluster-unreachable',
    'cluster-not-found',
    'database-unavailable',
    'catalog-unavailable',
    'queue-unavailable',
  ],
});
