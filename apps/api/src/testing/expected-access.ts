import type { Scope } from '@berth/ports';

/** What a key of one tenant meets: its own part alone, everybody's the same, or nothing at all. */
export type BoundAccess = 'own' | 'open' | 'none';

export interface ExpectedAccess {
  /** Any one of them; an admin's key needs none. */
  readonly scopes: readonly Scope[];
  readonly bound: BoundAccess;
  /** As the server registers them; HEAD is as GET. */
  readonly routes: readonly string[];
}

/**
 * Who may do what, written by hand from the promise that the documentation makes, and not from the decorators: a decorator that
 * says something else is found by the difference.
 */
export const expectedAccess: readonly ExpectedAccess[] = [
  {
    scopes: ['tenants:read'],
    bound: 'own',
    routes: [
      'GET /v1/announcements',
      'GET /v1/tenants',
      'GET /v1/tenants/:tenantId',
      'GET /v1/tenants/:tenantId/clients',
      'GET /v1/tenants/:tenantId/placement',
      'GET /v1/tenants/:tenantId/placements',
      'GET /v1/tenants/:tenantId/secret',
    ],
  },
  { scopes: ['tenants:write'], bound: 'none', routes: ['POST /v1/tenants', 'POST /v1/tenants/:tenantId/adopt'] },
  {
    scopes: ['tenants:write'],
    bound: 'own',
    routes: [
      'DELETE /v1/tenants/:tenantId',
      'POST /v1/tenants/:tenantId/repair',
      'POST /v1/tenants/:tenantId/resume',
      'POST /v1/tenants/:tenantId/secret/rotate',
      'POST /v1/tenants/:tenantId/suspend',
      'POST /v1/operations/:operationId/confirm',
    ],
  },
  { scopes: ['billing', 'tenants:write'], bound: 'own', routes: ['PUT /v1/tenants/:tenantId/plan'] },
  { scopes: ['clients:write'], bound: 'own', routes: ['POST /v1/tenants/:tenantId/clients'] },
  {
    scopes: ['moves:write'],
    bound: 'own',
    routes: [
      'POST /v1/tenants/:tenantId/moves',
      'POST /v1/moves/:moveId/cancel',
      'POST /v1/moves/:moveId/complete',
      'POST /v1/moves/:moveId/reverse',
      'POST /v1/moves/:moveId/switch',
      'POST /v1/moves/:moveId/verify',
      // The operation that the matrix asks about is a move; those of other kinds need tenants:write.
      'POST /v1/operations/:operationId/cancel',
      'POST /v1/operations/:operationId/retry',
    ],
  },
  {
    scopes: ['tenants:read', 'moves:write'],
    bound: 'own',
    routes: ['GET /v1/moves', 'GET /v1/moves/:moveId', 'GET /v1/moves/:moveId/evidence'],
  },
  {
    scopes: ['tenants:read', 'tenants:write', 'moves:write', 'billing'],
    bound: 'own',
    routes: ['GET /v1/operations', 'GET /v1/operations/:operationId', 'GET /v1/operations/:operationId/events'],
  },
  { scopes: ['tenants:read', 'billing'], bound: 'open', routes: ['GET /v1/plans', 'GET /v1/plans/:plan'] },
  { scopes: ['admin'], bound: 'own', routes: ['GET /v1/audit', 'POST /v1/tenants/:tenantId/secret/reveal'] },
  {
    scopes: ['admin'],
    bound: 'none',
    routes: [
      'GET /v1/api-keys',
      'POST /v1/api-keys',
      'GET /v1/api-keys/:keyId',
      'DELETE /v1/api-keys/:keyId',
      'GET /v1/audit/verify',
      'GET /v1/clusters',
      'GET /v1/clusters/:clusterId/isolation',
      'POST /v1/clusters/:clusterId/isolation',
      'GET /v1/doctor',
      'POST /v1/doctor/fixes',
      'POST /v1/clusters',
      'GET /v1/clusters/:clusterId',
      'PATCH /v1/clusters/:clusterId',
      'DELETE /v1/clusters/:clusterId',
      'POST /v1/clusters/:clusterId/cordon',
      'POST /v1/clusters/:clusterId/uncordon',
      'GET /v1/clusters/:clusterId/drain',
      'POST /v1/clusters/:clusterId/drain',
      'POST /v1/clusters/:clusterId/drain/stop',
      'PUT /v1/plans/:plan',
      'DELETE /v1/plans/:plan',
      'GET /v1/poolers',
      'POST /v1/poolers',
      'GET /v1/poolers/:poolerId',
      'DELETE /v1/poolers/:poolerId',
    ],
  },
];

/** What anybody may read: the documentation, which holds nothing of a system. */
export const openToAll: readonly string[] = [
  'GET /docs',
  'GET /docs/openapi.json',
  'GET /docs/start.js',
  'GET /docs/swagger-ui-bundle.js',
  'GET /docs/swagger-ui.css',
];
