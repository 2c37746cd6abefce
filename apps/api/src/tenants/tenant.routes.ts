import { describeRoute } from '../http/route.js';
import { dryRunQuery } from '../http/dto.js';
import { operationAnswers } from '../operations/start-operation.js';
import {
  adoptTenantBody,
  changePlanBody,
  createTenantBody,
  deleteTenantQuery,
  placementList,
  reasonBody,
  tenantDetailDto,
  tenantListQuery,
  tenantPage,
  tenantPath,
} from './tenant.dto.js';

const started = ['operation-in-progress', 'preflight-failed', 'catalog-unavailable', 'queue-unavailable'] as const;

export const createTenant = describeRoute({
  id: 'create-tenant',
  summary: 'Provision a tenant',
  description:
    'Makes roles, schema, grants and limits on a cluster that fits the plan, and runs the migrations of the product.',
  boundKeys: 'refused',
  query: dryRunQuery,
  body: createTenantBody,
  answers: operationAnswers,
  problems: [
    'tenant-exists',
    'plan-not-found',
    'cluster-not-found',
    'no-cluster-fits',
    'constraint-broken',
    'cluster-full',
    'cluster-cordoned',
    'isolation-broken',
    ...started,
  ],
});

export const adoptTenant = describeRoute({
  id: 'adopt-tenant',
  summary: 'Take over a schema that exists already, under the name it has',
  description:
    'The dry run lists every object with its owner and what changes. The tenant works by its own logins at once, and the roles of before work on, until `POST /v1/operations/{operationId}/confirm`; to cancel the operation brings every owner and every right back.',
  boundKeys: 'refused',
  path: tenantPath,
  query: dryRunQuery,
  body: adoptTenantBody,
  answers: operationAnswers,
  problems: [
    'tenant-exists',
    'plan-not-found',
    'cluster-not-found',
    'constraint-broken',
    'cluster-full',
    'cluster-cordoned',
    'isolation-broken',
    ...started,
  ],
});

export const listTenants = describeRoute({
  id: 'list-tenants',
  summary: 'List tenants',
  boundKeys: 'filtered',
  query: tenantListQuery,
  answers: { 200: { description: 'A page, by id.', schema: tenantPage } },
  problems: ['invalid-cursor'],
});

export const getTenant = describeRoute({
  id: 'get-tenant',
  summary: 'Show a tenant, its places, and what is wrong with it',
  boundKeys: 'own-tenant',
  path: tenantPath,
  answers: { 200: { description: 'The tenant.', schema: tenantDetailDto, headers: ['ETag'] } },
  problems: ['tenant-not-found'],
});

export const listPlacements = describeRoute({
  id: 'list-placements',
  summary: 'List the places of a tenant, newest first',
  boundKeys: 'own-tenant',
  path: tenantPath,
  answers: { 200: { description: 'All placements it ever had.', schema: placementList } },
  problems: ['tenant-not-found'],
});

export const deleteTenant = describeRoute({
  id: 'delete-tenant',
  summary: 'Put a tenant into quarantine, or remove it at once',
  description:
    'Quarantine ends its logins and keeps its data for the retention time. `now=true` dumps, compares and drops it at once.',
  boundKeys: 'own-tenant',
  path: tenantPath,
  query: deleteTenantQuery,
  ifMatch: true,
  answers: operationAnswers,
  problems: ['tenant-not-found', 'tenant-state', 'version-conflict', 'precondition-failed', ...started],
});

export const suspendTenant = describeRoute({
  id: 'suspend-tenant',
  summary: 'Suspend a tenant: logins off, sessions ended, data kept',
  boundKeys: 'own-tenant',
  path: tenantPath,
  query: dryRunQuery,
  body: reasonBody,
  ifMatch: true,
  answers: operationAnswers,
  problems: ['tenant-not-found', 'tenant-state', 'precondition-failed', ...started],
});

export const resumeTenant = describeRoute({
  id: 'resume-tenant',
  summary: 'Resume a suspended or quarantined tenant',
  boundKeys: 'own-tenant',
  path: tenantPath,
  query: dryRunQuery,
  ifMatch: true,
  answers: operationAnswers,
  problems: ['tenant-not-found', 'tenant-state', 'precondition-failed', ...started],
});

export const repairTenant = describeRoute({
  id: 'repair-tenant',
  summary: 'Bring what is there to what should be; the dry run is the drift report',
  boundKeys: 'own-tenant',
  path: tenantPath,
  query: dryRunQuery,
  ifMatch: true,
  answers: operationAnswers,
  problems: ['tenant-not-found', 'tenant-state', 'precondition-failed', ...started],
});

export const changePlan = describeRoute({
  id: 'change-plan',
  summary: 'Change the plan of a tenant; moves it where the tier changes',
  boundKeys: 'own-tenant',
  path: tenantPath,
  query: dryRunQuery,
  body: changePlanBody,
  ifMatch: true,
  answers: operationAnswers,
  problems: [
    'tenant-not-found',
    'tenant-state',
    'plan-not-found',
    'version-conflict',
    'precondition-failed',
    'no-cluster-fits',
    'move-open',
    ...started,
  ],
});
