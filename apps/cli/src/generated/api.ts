// Generated from the OpenAPI document of the API by apps/cli/scripts/generate-api-types.mjs. Changes made here are lost.
export interface paths {
  '/v1/tenants': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List tenants
     * @description List tenants.
     *
     *     Scope: `tenants:read`.
     */
    get: operations['listTenants'];
    put?: never;
    /**
     * Provision a tenant
     * @description Makes roles, schema, grants and limits on a cluster that fits the plan, and runs the migrations of the product.
     *
     *     Scope: `tenants:write`.
     */
    post: operations['createTenant'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tenants/{tenantId}/adopt': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Take over a schema that exists already, under the name it has
     * @description The dry run lists every object with its owner and what changes. The tenant works by its own logins at once, and the roles of before work on, until `POST /v1/operations/{operationId}/confirm`; to cancel the operation brings every owner and every right back.
     *
     *     Scope: `tenants:write`.
     */
    post: operations['adoptTenant'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tenants/{tenantId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show a tenant, its places, and what is wrong with it
     * @description Show a tenant, its places, and what is wrong with it.
     *
     *     Scope: `tenants:read`.
     */
    get: operations['getTenant'];
    put?: never;
    post?: never;
    /**
     * Put a tenant into quarantine, or remove it at once
     * @description Quarantine ends its logins and keeps its data for the retention time. `now=true` dumps, compares and drops it at once.
     *
     *     Scope: `tenants:write`.
     */
    delete: operations['deleteTenant'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tenants/{tenantId}/placements': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the places of a tenant, newest first
     * @description List the places of a tenant, newest first.
     *
     *     Scope: `tenants:read`.
     */
    get: operations['listPlacements'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tenants/{tenantId}/suspend': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Suspend a tenant: logins off, sessions ended, data kept
     * @description Suspend a tenant: logins off, sessions ended, data kept.
     *
     *     Scope: `tenants:write`.
     */
    post: operations['suspendTenant'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tenants/{tenantId}/resume': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Resume a suspended or quarantined tenant
     * @description Resume a suspended or quarantined tenant.
     *
     *     Scope: `tenants:write`.
     */
    post: operations['resumeTenant'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tenants/{tenantId}/repair': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Bring what is there to what should be; the dry run is the drift report
     * @description Bring what is there to what should be; the dry run is the drift report.
     *
     *     Scope: `tenants:write`.
     */
    post: operations['repairTenant'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tenants/{tenantId}/plan': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Change the plan of a tenant; moves it where the tier changes
     * @description Change the plan of a tenant; moves it where the tier changes.
     *
     *     Scope: `billing` or `tenants:write`.
     */
    put: operations['changePlan'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tenants/{tenantId}/moves': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Move a tenant to another place
     * @description Move a tenant to another place.
     *
     *     Scope: `moves:write`.
     */
    post: operations['createMove'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/moves': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List moves, newest first
     * @description List moves, newest first.
     *
     *     Scope: `tenants:read` or `moves:write`.
     */
    get: operations['listMoves'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/moves/{moveId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show a move and what was compared
     * @description Show a move and what was compared.
     *
     *     Scope: `tenants:read` or `moves:write`.
     */
    get: operations['getMove'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/moves/{moveId}/evidence': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Everything that is on record of a move, to be kept
     * @description Who asked for what and when, every step with its times and results, and every table with its rows and hashes.
     *
     *     Scope: `tenants:read` or `moves:write`.
     */
    get: operations['getMoveEvidence'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/moves/{moveId}/switch': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Press switch on a move whose switch is manual
     * @description The dry run lists the steps that are left, and looks at all that the switch will meet: its window, the streams and their backlog, the age of the comparison, poolers, both servers.
     *
     *     Scope: `moves:write`.
     */
    post: operations['switchMove'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/moves/{moveId}/verify': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Compare every row again while a move waits for its switch
     * @description Of an online move that is `ready`. Its operation compares both ends while the tenant works on, then waits again; `verifyRequestedAt` is null once that is done, and `comparison` the new one, by which a switch goes. Rows that differ undo the move. Elsewhere it answers `move-state` with what to do instead.
     *
     *     Scope: `moves:write`.
     */
    post: operations['verifyMove'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/moves/{moveId}/reverse': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Go back to the old place, with every later write kept
     * @description Between the switch of an online move and its completion: the same switch with the ends exchanged. Afterwards the move is `reversed`, and completing it gives the place up that it had led to. A dump move keeps no way back: it answers `move-state` with what to do instead.
     *
     *     Scope: `moves:write`.
     */
    post: operations['reverseMove'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/moves/{moveId}/complete': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Give up the place where the tenant is no more, after a final dump of it
     * @description The old place of a switched move; of a reversed one the place that it had led to.
     *
     *     Scope: `moves:write`.
     */
    post: operations['completeMove'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/moves/{moveId}/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Cancel a move before its switch; everything it made is undone
     * @description The dry run lists the steps that are taken back, in their order.
     *
     *     Scope: `moves:write`.
     */
    post: operations['cancelMove'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/operations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List operations, newest first
     * @description List operations, newest first.
     *
     *     Scope: `tenants:read` or `tenants:write` or `moves:write` or `billing`.
     */
    get: operations['listOperations'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/operations/{operationId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show an operation with its numbered steps and their times
     * @description Show an operation with its numbered steps and their times.
     *
     *     Scope: `tenants:read` or `tenants:write` or `moves:write` or `billing`.
     */
    get: operations['getOperation'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/operations/{operationId}/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Stream an operation as Server-Sent Events
     * @description Each event `operation` holds the whole operation and an id; `Last-Event-ID` leaves out what was seen. A comment every 15 s keeps the connection open. The stream ends with the event `end` when the operation has ended.
     *
     *     Scope: `tenants:read` or `tenants:write` or `moves:write` or `billing`.
     */
    get: operations['watchOperation'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/operations/{operationId}/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Cancel an operation; honoured between steps and inside long ones
     * @description Needs `moves:write` for a move and its completion, `tenants:write` for everything else.
     *
     *     Scope: `tenants:write` or `moves:write`.
     */
    post: operations['cancelOperation'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/operations/{operationId}/confirm': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Say yes to an operation that waits for it: keeps an adoption
     * @description Say yes to an operation that waits for it: keeps an adoption.
     *
     *     Scope: `tenants:write`.
     */
    post: operations['confirmOperation'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/operations/{operationId}/retry': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Put an operation that needs an operator back to work
     * @description Needs `moves:write` for a move and its completion, `tenants:write` for everything else.
     *
     *     Scope: `tenants:write` or `moves:write`.
     */
    post: operations['retryOperation'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/clusters': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List clusters with their room, and with their load on request
     * @description List clusters with their room, and with their load on request.
     *
     *     Scope: `admin`.
     */
    get: operations['listClusters'];
    put?: never;
    /**
     * Register a PostgreSQL server; its checks run first
     * @description Register a PostgreSQL server; its checks run first.
     *
     *     Scope: `admin`.
     */
    post: operations['registerCluster'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/clusters/{clusterId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show a cluster with its load and room
     * @description Show a cluster with its load and room.
     *
     *     Scope: `admin`.
     */
    get: operations['getCluster'];
    put?: never;
    post?: never;
    /**
     * Forget a cluster without tenants; the server itself is left alone
     * @description Forget a cluster without tenants; the server itself is left alone.
     *
     *     Scope: `admin`.
     */
    delete: operations['deleteCluster'];
    options?: never;
    head?: never;
    /**
     * Change labels, limits, encryption and the login for streams of a cluster
     * @description A new ssl mode or authority is tried first, and refused when the server is not reached by it. Repair the tenants of the cluster afterwards: it is in their secrets. A login for streams is checked before it is kept.
     *
     *     Scope: `admin`.
     */
    patch: operations['changeCluster'];
    trace?: never;
  };
  '/v1/clusters/{clusterId}/cordon': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Keep new tenants away from a cluster
     * @description Keep new tenants away from a cluster.
     *
     *     Scope: `admin`.
     */
    post: operations['cordonCluster'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/clusters/{clusterId}/uncordon': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Let new tenants onto a cluster again
     * @description Let new tenants onto a cluster again.
     *
     *     Scope: `admin`.
     */
    post: operations['uncordonCluster'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/doctor': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read everything back and compare it with the catalog
     * @description Nothing is changed. A part that does not answer is a finding, or is among what was not examined; the others are examined all the same.
     *
     *     Scope: `admin`.
     */
    get: operations['examineSystem'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/doctor/fixes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Examine, and mend what needs no person
     * @description Only what belongs to no tenant and no operation and is Berth’s own is taken away; a tenant that differs gets a repair, which is an operation with all its checks. Data is never touched.
     *
     *     Scope: `admin`.
     */
    post: operations['fixSystem'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/clusters/{clusterId}/drain': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show the newest drain of a cluster, tenant by tenant
     * @description Show the newest drain of a cluster, tenant by tenant.
     *
     *     Scope: `admin`.
     */
    get: operations['getDrain'];
    put?: never;
    /**
     * Move all tenants of a cluster elsewhere
     * @description Cordons the cluster, and moves its tenants to other shared clusters by labels, constraints and room, a few at a time. A tenant that cannot go stops no other one and is named.
     *
     *     Scope: `admin`.
     */
    post: operations['drainCluster'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/clusters/{clusterId}/drain/stop': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Stop the drain of a cluster
     * @description Starts no further move; those under way go on to their end. The cluster stays cordoned. A new drain takes up the rest.
     *
     *     Scope: `admin`.
     */
    post: operations['stopDrain'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/clusters/{clusterId}/isolation': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show the newest proof of isolation of a cluster, pair by pair
     * @description Show the newest proof of isolation of a cluster, pair by pair.
     *
     *     Scope: `admin`.
     */
    get: operations['getIsolation'];
    put?: never;
    /**
     * Prove that no tenant of a cluster reaches another one
     * @description A worker logs in with the credentials of every tenant, directly and through every pooler, and tries to reach every other tenant. Nothing is changed there. While a proof of the cluster is under way, that one is the answer.
     *
     *     Scope: `admin`.
     */
    post: operations['proveIsolation'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tenants/{tenantId}/placement': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Explain where a tenant is, and why
     * @description What was decided when and by which operation, every cluster that was considered and what refused it, and what would be chosen now. A key of one tenant sees of these clusters only those that were chosen.
     *
     *     Scope: `tenants:read`.
     */
    get: operations['explainPlacement'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/plans': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the plans
     * @description List the plans.
     *
     *     Scope: `tenants:read` or `billing`.
     */
    get: operations['listPlans'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/plans/{plan}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show a plan
     * @description Show a plan.
     *
     *     Scope: `tenants:read` or `billing`.
     */
    get: operations['getPlan'];
    /**
     * Create or change a plan
     * @description New limits reach a tenant with its next repair or change of plan. The tier stays while a tenant has the plan.
     *
     *     Scope: `admin`.
     */
    put: operations['putPlan'];
    post?: never;
    /**
     * Delete a plan that no tenant has
     * @description Delete a plan that no tenant has.
     *
     *     Scope: `admin`.
     */
    delete: operations['deletePlan'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/poolers': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List poolers
     * @description List poolers.
     *
     *     Scope: `admin`.
     */
    get: operations['listPoolers'];
    put?: never;
    /**
     * Register a PgBouncer, whose tenant aliases Berth keeps from then on; its checks run first
     * @description Register a PgBouncer, whose tenant aliases Berth keeps from then on; its checks run first.
     *
     *     Scope: `admin`.
     */
    post: operations['registerPooler'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/poolers/{poolerId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show a pooler, what its checks find now, and what differs from the catalog
     * @description Show a pooler, what its checks find now, and what differs from the catalog.
     *
     *     Scope: `admin`.
     */
    get: operations['getPooler'];
    put?: never;
    post?: never;
    /**
     * Forget a pooler and take its aliases away, as far as it answers
     * @description Forget a pooler and take its aliases away, as far as it answers.
     *
     *     Scope: `admin`.
     */
    delete: operations['deletePooler'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/api-keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List API keys, without the keys themselves
     * @description List API keys, without the keys themselves.
     *
     *     Scope: `admin`.
     */
    get: operations['listApiKeys'];
    put?: never;
    /**
     * Create an API key; it is shown once
     * @description Create an API key; it is shown once.
     *
     *     Scope: `admin`.
     */
    post: operations['createApiKey'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/api-keys/{keyId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show an API key, without the key itself
     * @description Show an API key, without the key itself.
     *
     *     Scope: `admin`.
     */
    get: operations['getApiKey'];
    put?: never;
    post?: never;
    /**
     * Revoke an API key; it stops with the next request
     * @description Other API processes of the same system follow within a second.
     *
     *     Scope: `admin`.
     */
    delete: operations['revokeApiKey'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the audit log, newest first
     * @description List the audit log, newest first.
     *
     *     Scope: `admin`.
     */
    get: operations['listAudit'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/verify': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Check the chain of the audit log, entry by entry
     * @description Check the chain of the audit log, entry by entry.
     *
     *     Scope: `admin`.
     */
    get: operations['verifyAudit'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tenants/{tenantId}/secret': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show where the secret of a tenant leads, its login and its versions; never a password
     * @description Show where the secret of a tenant leads, its login and its versions; never a password.
     *
     *     Scope: `tenants:read`.
     */
    get: operations['getTenantSecret'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tenants/{tenantId}/secret/reveal': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Show the password of a tenant, with a reason that is kept
     * @description The audit log says who asked and why before anything is read; where it cannot be written, nothing is shown. Not to be kept by caches.
     *
     *     Scope: `admin`.
     */
    post: operations['revealTenantSecret'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tenants/{tenantId}/secret/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Rotate the login of a tenant: a second one, the switch, the end of the first
     * @description Both logins work until every client that is seen has moved, or the grace time has ended. Until then it can be cancelled.
     *
     *     Scope: `tenants:write`.
     */
    post: operations['rotateLogin'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tenants/{tenantId}/clients': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List who works with a tenant: clients that report themselves, and sessions
     * @description List who works with a tenant: clients that report themselves, and sessions.
     *
     *     Scope: `tenants:read`.
     */
    get: operations['listClients'];
    put?: never;
    /**
     * Say with which login a client of a tenant works
     * @description For services of the product, once a minute and after each new version of the secret. A rotation waits for clients that report the old login. A report that is not renewed ends after five minutes.
     *
     *     Scope: `clients:write`.
     */
    post: operations['reportClient'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/announcements': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the places to which tenants are about to move
     * @description For services of the product, every few seconds: one question for all tenants. Whoever opens connections there before the switch waits for none at it; until then the place refuses every write. It is taken back when the move is, and is gone after the switch.
     *
     *     Scope: `tenants:read`.
     */
    get: operations['listAnnouncements'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    AdoptTenant: {
      /**
       * @description The schema that is there, by its name, which it keeps: 63 bytes at most.
       * @example legacy_acme
       */
      schema: string;
      /**
       * @description The shared cluster whose database holds it.
       * @example shared-1
       */
      clusterId: string;
      /**
       * @description a-z, 0-9 and single inner hyphens, starting with a letter.
       * @example shared-1
       */
      plan: string;
      constraints?: {
        /**
         * @description Names and values, for example `region: eu-central-1`.
         * @default {}
         * @example {
         *       "region": "eu-central-1"
         *     }
         */
        labels?: {
          [key: string]: string;
        };
        /**
         * @description Lowest PostgreSQL major version.
         * @example 15
         */
        minPostgresMajor?: number;
      };
      /**
       * @description The newest migration of the product that the schema has: it and all before it are recorded as applied. None is run.
       * @example 014_invoices
       */
      migratedTo?: string;
    };
    ChangeCluster: {
      /**
       * @description Names and values, for example `region: eu-central-1`.
       * @example {
       *       "region": "eu-central-1"
       *     }
       */
      labels?: {
        [key: string]: string;
      };
      /** @description Most tenants placed here; null: no limit. */
      maxTenants?: number | null;
      /** @description Most operations that run on it at the same time. */
      maxOperations?: number;
      /** @enum {string} */
      sslMode?: 'disable' | 'require' | 'verify-ca' | 'verify-full';
      ca?: string | null;
      streams?: {
        username: string;
        password: string;
      } | null;
    };
    ChangePlan: {
      /**
       * @description a-z, 0-9 and single inner hyphens, starting with a letter.
       * @example shared-1
       */
      plan: string;
      /**
       * @description How to move when the tier changes.
       * @default dump
       * @enum {string}
       */
      strategy?: 'online' | 'dump';
    };
    CreateApiKey: {
      name: string;
      scopes: ('tenants:read' | 'tenants:write' | 'moves:write' | 'billing' | 'clients:write' | 'admin')[];
      /**
       * @description Binds the key to this tenant: every other answers 404.
       * @example acme-corp
       */
      tenantId?: string;
      /**
       * Format: date-time
       * @example 2099-11-21T00:00:00.000Z
       */
      expiresAt?: string;
    };
    CreateMove: {
      target: {
        /** @enum {string} */
        tier: 'shared' | 'dedicated';
        /**
         * @description Only this cluster; without it Berth chooses or makes one.
         * @example shared-1
         */
        clusterId?: string;
      };
      /**
       * @description `dump` refuses writes from the fence to the switch; `online` for tens of milliseconds. Never one for the other.
       * @enum {string}
       */
      strategy: 'online' | 'dump';
      /** @description Only with `online`, by the name of a table that has no usable key: how its rows are told apart. The dry run names the tables. */
      identities?: {
        [key: string]:
          | 'full'
          | {
              useIndex: string;
            };
      };
      /** @description Only with `online`: how fast rows are copied at most. The copy goes slower than that whenever other tenants of the source would feel it, also where nothing is given; `unlimited` gives way to nobody. */
      maxBytesPerSecond?: number | 'unlimited';
      /** @description Only with `online`: the copy pauses while a standby of the source has more log than this to replay. A pause has no end of its own: it ends with a cancellation, or past `maxRetainedBytes`, as the source keeps log for the move meanwhile. Default: 64 MiB, and `unlimited`, which pauses for none, where `maxBytesPerSecond` is. */
      maxStandbyLagBytes?: number | 'unlimited';
      /** @description Only with `online`: write-ahead log that the source may keep for the move; past it the move is undone. Default: 16 GiB. */
      maxRetainedBytes?: number;
      /**
       * Format: date-time
       * @description The switch waits for this time; with `dump` writers are refused from then on at the earliest.
       * @example 2026-11-21T09:30:00.000Z
       */
      notBefore?: string;
      /**
       * Format: date-time
       * @description A move that has not begun to switch by then is undone, and the tenant stays where it is.
       * @example 2026-11-21T09:30:00.000Z
       */
      deadline?: string;
      /**
       * @description `manual` waits for POST /moves/{moveId}/switch.
       * @default auto
       * @enum {string}
       */
      switch?: 'auto' | 'manual';
    };
    CreateTenant: {
      /**
       * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
       * @example acme-corp
       */
      id: string;
      /**
       * @description a-z, 0-9 and single inner hyphens, starting with a letter.
       * @example shared-1
       */
      plan: string;
      constraints?: {
        /**
         * @description Names and values, for example `region: eu-central-1`.
         * @default {}
         * @example {
         *       "region": "eu-central-1"
         *     }
         */
        labels?: {
          [key: string]: string;
        };
        /**
         * @description Lowest PostgreSQL major version.
         * @example 15
         */
        minPostgresMajor?: number;
      };
      /**
       * @description Only this cluster; without it the emptiest that fits is taken.
       * @example shared-1
       */
      clusterId?: string;
    };
    PutPlan: {
      /** @enum {string} */
      tier: 'shared' | 'dedicated';
      limits: {
        connectionLimit: number;
        /** @description In ms; 0: no limit. */
        statementTimeoutMs: number;
        /** @description In ms; 0: no limit. */
        idleInTransactionTimeoutMs: number;
      };
      /** @default  */
      description?: string;
    };
    Reason: {
      /**
       * @description Why: kept with the operation and shown to people.
       * @example contract ended
       */
      reason: string;
    };
    RegisterCluster: {
      /**
       * @description a-z, 0-9 and single inner hyphens, starting with a letter.
       * @example shared-1
       */
      id: string;
      /**
       * @default shared
       * @enum {string}
       */
      tier?: 'shared' | 'dedicated';
      host: string;
      /** @default 5432 */
      port?: number;
      /**
       * @default verify-full
       * @enum {string}
       */
      sslMode?: 'disable' | 'require' | 'verify-ca' | 'verify-full';
      /**
       * @description PEM of the authority that signs the server’s certificates. Kept with the cluster; without it the public ones are trusted.
       * @example -----BEGIN CERTIFICATE-----
       *     MIIBQDCB86ADAgECAhRccRahmYs/taLjKnApZCepoxoYtTAFBgMrZXAwFTETMBEG
       *     A1UEAwwKRXhhbXBsZSBDQTAgFw0yNjExMjcwNTU1MTFaGA8yMTI2MTEwMzA1NTUx
       *     MVowFTETMBEGA1UEAwwKRXhhbXBsZSBDQTAqMAUGAytlcAMhAPvZFuI0TOGkCN/P
       *     5Z9a8JA6Ku9+BDXduvkyCIzZ/oeYo1MwUTAdBgNVHQ4EFgQU8yCRbJI4oQnFZ9Zk
       *     oYG54X34e3wwHwYDVR0jBBgwFoAU8yCRbJI4oQnFZ9ZkoYG54X34e3wwDwYDVR0T
       *     AQH/BAUwAwEB/zAFBgMrZXADQQAf2jIf1Zk2rgmrNY8D1E3XBRoDVgMyGzfNOhqN
       *     VlUPF0Of4NmsKVyuljipTIljaB+mc9MRuT0OC7TrxMfvu6MD
       *     -----END CERTIFICATE-----
       */
      ca?: string;
      /**
       * @description The database that holds the tenants’ schemas; made when it is not there.
       * @default tenants
       */
      database?: string;
      /**
       * @description Names and values, for example `region: eu-central-1`.
       * @default {}
       * @example {
       *       "region": "eu-central-1"
       *     }
       */
      labels?: {
        [key: string]: string;
      };
      /**
       * @description Most tenants placed here; null: no limit.
       * @default null
       */
      maxTenants?: number | null;
      /**
       * @description Most operations that run on it at the same time.
       * @default 4
       */
      maxOperations?: number;
      /**
       * @description Extensions that the product’s migrations use: it is checked that they are there.
       * @default []
       */
      extensions?: string[];
      /** @description A login with CREATEROLE and CREATEDB, not a superuser. It goes to the secret store and nowhere else. */
      admin: {
        username: string;
        password: string;
      };
      /** @description A superuser, or on Amazon RDS the master: by it, and by nobody else, streams are made on PostgreSQL 15, or from and to it. It goes to the secret store, as a secret of its own. */
      streams?: {
        username: string;
        password: string;
      };
    };
    RegisterPooler: {
      /**
       * @description a-z, 0-9 and single inner hyphens, starting with a letter.
       * @example shared-1
       */
      id: string;
      host: string;
      /** @default 6432 */
      port?: number;
      /**
       * @description How Berth reaches its admin console.
       * @default verify-full
       * @enum {string}
       */
      sslMode?: 'disable' | 'require' | 'verify-ca' | 'verify-full';
      /** @description PEM of the authority that signed the pooler’s certificate. */
      ca?: string;
      /** @description The folder that it reads Berth’s files from, as Berth’s own processes see it. */
      folder: string;
      /** @description One of its admin_users. It goes to the secret store and nowhere else. */
      admin: {
        username: string;
        password: string;
      };
    };
    ReportClient: {
      /**
       * @description Its own name, unique within the tenant: of a pod, for example.
       * @example web-7f6b
       */
      client: string;
      /** @description Of the secret with which it works now. */
      username: string;
      generation: number;
      /** @description The generation of an announced place for which it has done what it could: its connections there are open. The switch waits for that, for some seconds. */
      readyFor?: number;
    };
    RevealSecret: {
      /**
       * @description Why: kept with the operation and shown to people.
       * @example contract ended
       */
      reason: string;
    };
    RotateLogin: {
      /**
       * @description How long the old login is kept at most for clients that still use it.
       * @default 3600000
       * @example 3600000
       */
      graceMs?: number;
      /**
       * @description How long it is kept at least, whoever is seen: the time in which a new version of the secret reaches every client.
       * @default 60000
       * @example 60000
       */
      settleMs?: number;
    };
    StartDrain: {
      /**
       * @description How each tenant is moved; it has to be named, as a dump refuses writes while it copies.
       * @enum {string}
       */
      strategy: 'online' | 'dump';
      /**
       * @description Most moves of it at the same time. The limits of the clusters hold as well.
       * @default 2
       */
      atOnce?: number;
      /**
       * @description True: gives up each old place as soon as its move has switched.
       * @default false
       */
      complete?: boolean;
    };
    AnnouncementList: {
      /** @description By tenant. */
      items: {
        tenantId: string;
        operationId: string;
        /** @description Where it is now. Who reaches it otherwise, by a pooler for example, has nothing to prepare. */
        from: {
          host: string;
          port: number;
          database: string;
          schema: string;
          username: string;
          /** @enum {string} */
          sslmode: 'disable' | 'require' | 'verify-ca' | 'verify-full';
          /** @description PEM of the authority to trust; absent: the public ones. */
          sslrootcert?: string;
          generation: number;
        };
        /** @description Where it will be. The password is that of the present secret. */
        to: {
          host: string;
          port: number;
          database: string;
          schema: string;
          username: string;
          /** @enum {string} */
          sslmode: 'disable' | 'require' | 'verify-ca' | 'verify-full';
          /** @description PEM of the authority to trust; absent: the public ones. */
          sslrootcert?: string;
          generation: number;
        };
        /**
         * Format: date-time
         * @example 2026-11-21T09:30:00.000Z
         */
        announcedAt: string;
      }[];
    };
    ApiKey: {
      id: string;
      name: string;
      scopes: ('tenants:read' | 'tenants:write' | 'moves:write' | 'billing' | 'clients:write' | 'admin')[];
      tenantId: string | null;
      expiresAt: string | null;
      /** @description Kept to the minute. */
      lastUsedAt: string | null;
      revokedAt: string | null;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      createdAt: string;
    };
    ApiKeyPage: {
      items: components['schemas']['ApiKey'][];
      /** @description The cursor of the next page; null: this was the last. */
      next: string | null;
    };
    AuditEntry: {
      number: number;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      at: string;
      /** @description `key:<id>`, `anonymous`, `schedule` (what a worker does by the clock), `bootstrap`. */
      actor: string;
      action: string;
      tenantId: string | null;
      object: string;
      /** @description The address that asked. */
      from: string | null;
      /** @description The HTTP status, and the code of a problem. */
      answer: string;
      operationId: string | null;
      /** @description SHA-256 over this entry and the hash of the one before. */
      hash: string;
    };
    AuditPage: {
      items: components['schemas']['AuditEntry'][];
      /** @description The cursor of the next page; null: this was the last. */
      next: string | null;
    };
    AuditVerification: {
      intact: boolean;
      entries: number;
      brokenAt: number | null;
    };
    ClientList: {
      /** @description Who reported itself, by name. */
      clients: components['schemas']['ClientReport'][];
      /** @description Who is logged in on the server now. */
      sessions: {
        /** @enum {string} */
        slot: 'a' | 'b';
        application: string;
        sessions: number;
      }[];
    };
    ClientReport: {
      client: string;
      username: string;
      generation: number;
      /** @description The announced generation for which it is ready. */
      readyFor: number | null;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      firstSeenAt: string;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      lastSeenAt: string;
      /**
       * Format: date-time
       * @description Who still works then has to have reported again.
       * @example 2026-11-21T09:30:00.000Z
       */
      expiresAt: string;
    };
    Cluster: {
      id: string;
      /** @enum {string} */
      tier: 'shared' | 'dedicated';
      /** @enum {string} */
      state: 'active' | 'cordoned' | 'retired';
      host: string;
      port: number;
      /** @enum {string} */
      sslMode: 'disable' | 'require' | 'verify-ca' | 'verify-full';
      /** @description Who signs its certificates; null: the public authorities. */
      authority: {
        subject: string;
        /** @description SHA-256, as `openssl x509 -fingerprint -sha256` prints it. */
        fingerprint: string;
        /**
         * Format: date-time
         * @example 2026-11-21T09:30:00.000Z
         */
        validTo: string;
      } | null;
      database: string;
      postgresMajor: number;
      labels: {
        [key: string]: string;
      };
      maxTenants: number | null;
      maxOperations: number;
      /** @description True: Berth made the instance itself. */
      managed: boolean;
      /** @description Whether a login for streams is kept; null: not asked for, as in a list, or the secret store did not answer. */
      streamsLogin: boolean | null;
      version: number;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      createdAt: string;
      /** @description Live placements. */
      tenants: number;
      /** @description Tenants that still fit; null: no limit. */
      room: number | null;
      /** @description Null: not asked for, or the server did not answer. */
      load: {
        /** @description Size of the tenants’ database. */
        bytes: number;
        /** @description Connections that are used. */
        sessions: number;
        /** @description Connections there are, without those kept for superusers. */
        maxSessions: number;
        schemas: number;
      } | null;
      /** @description What its provider says; null: not asked for, there is none, or it did not answer. */
      instance: {
        /** @description For example `Amazon RDS`. */
        provider: string;
        /** @description The provider’s own name of the instance. */
        identifier: string;
        /** @description In the provider’s words. */
        status: string;
        endpoint: string | null;
        /** @description Changes that wait for the maintenance window or a restart. */
        pending: string[];
        storage: {
          allocatedBytes: number;
          /** @description Null: not measured. */
          freeBytes: number | null;
          /** @description How far it grows by itself; null: it does not. */
          limitBytes: number | null;
        };
        /** @description Of the last two weeks, newest first, ten at most. */
        events: {
          /**
           * Format: date-time
           * @example 2026-11-21T09:30:00.000Z
           */
          at: string;
          message: string;
        }[];
      } | null;
    };
    ClusterList: {
      items: components['schemas']['Cluster'][];
    };
    ClusterRegistration: {
      /** @description Null in a dry run. */
      cluster: components['schemas']['Cluster'] | null;
      /** @description All that the checks found. */
      findings: components['schemas']['Finding'][];
      /** @description What was done to ready the server. */
      changes: string[];
    };
    Comparison: {
      equal: boolean;
      rows: number;
      bytes: number;
      ms: number;
      tables: {
        table: string;
        sourceRows: number;
        targetRows: number;
        bytes: number;
        ms: number;
        equal: boolean;
        /** @description SHA-256 over the hashes of all rows, in ranges of the key. */
        sourceHash?: string | null;
        targetHash?: string | null;
        /** @description At how many moments its rows were compared, range by range; left out: at one. */
        moments?: number;
      }[];
      differences: {
        kind: string;
        object: string;
        message: string;
      }[];
      differenceCount: number;
      comparedAt: string;
      /** @description At how many moments of both ends it was compared; left out: at one. */
      moments?: number;
    };
    DoctorFixes: {
      report: components['schemas']['DoctorReport'];
      fixes: {
        kind: string;
        /** @description What it is about. */
        object: string;
        /**
         * @description mended: done and read back; started: an operation does it; left: not done, for the reason told; planned: the dry run.
         * @enum {string}
         */
        outcome: 'mended' | 'started' | 'left' | 'planned';
        message: string;
      }[];
    };
    DoctorReport: {
      /**
       * @description The worst that holds. incomplete: nothing was found, and something was not examined.
       * @enum {string}
       */
      verdict: 'errors' | 'warnings' | 'incomplete' | 'healthy';
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      examinedAt: string;
      /** @description How long it took. */
      ms: number;
      /** @description Clusters that were read. */
      clusters: number;
      /** @description Tenants that were compared with what they should be. */
      tenants: number;
      /** @description The worst first. */
      findings: {
        code: string;
        /**
         * @description `error` keeps the operation from starting.
         * @enum {string}
         */
        severity: 'error' | 'warning' | 'info';
        object: string;
        message: string;
        /** @description What to type or do. */
        remedy: string | null;
        /** @enum {string} */
        check:
          | 'clusters'
          | 'versions'
          | 'certificates'
          | 'settings'
          | 'tenants'
          | 'secrets'
          | 'streams'
          | 'log'
          | 'places'
          | 'scratch'
          | 'instances'
          | 'poolers'
          | 'operations';
        /** @description POST /v1/doctor/fixes mends it. */
        safeToFix: boolean;
      }[];
      /** @description Of these nothing is known: they are not known to be well. */
      notExamined: {
        /** @enum {string} */
        check:
          | 'clusters'
          | 'versions'
          | 'certificates'
          | 'settings'
          | 'tenants'
          | 'secrets'
          | 'streams'
          | 'log'
          | 'places'
          | 'scratch'
          | 'instances'
          | 'poolers'
          | 'operations';
        object: string;
        because: string;
      }[];
    };
    Drain: {
      /**
       * Format: uuid
       * @example 0192f3a4-5b6c-7d8e-9f00-112233445566
       */
      id: string;
      clusterId: string;
      /** @enum {string} */
      state: 'running' | 'stopping' | 'stopped' | 'finished';
      /** @enum {string} */
      strategy: 'online' | 'dump';
      atOnce: number;
      complete: boolean;
      requestedBy: string;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      createdAt: string;
      endedAt: string | null;
      /** @description Tenants by state. */
      counts: {
        [key: string]: number;
      };
      tenants: {
        tenantId: string;
        /** @enum {string} */
        state: 'waiting' | 'moving' | 'completing' | 'moved' | 'completed' | 'gone' | 'failed';
        moveId: string | null;
        target: string | null;
        /** @description Why it failed, or what it waits for. */
        error: {
          code: string;
          message: string;
          hint: string | null;
        } | null;
      }[];
    };
    DrainPlan: {
      clusterId: string;
      tenants: {
        tenantId: string;
        /** @description Where it would go; null: it cannot. */
        target: string | null;
        refusal: {
          code: string;
          message: string;
          hint: string | null;
        } | null;
        decision: components['schemas']['PlacementDecision'] | null;
      }[];
      /** @description Old places of moves that switched; they stay until the moves are completed. */
      keptPlaces: {
        tenantId: string;
        moveId: string | null;
      }[];
    };
    Finding: {
      code: string;
      /**
       * @description `error` keeps the operation from starting.
       * @enum {string}
       */
      severity: 'error' | 'warning' | 'info';
      object: string;
      message: string;
      /** @description What to type or do. */
      remedy: string | null;
    };
    IsolationProof: {
      /**
       * Format: uuid
       * @example 0192f3a4-5b6c-7d8e-9f00-112233445566
       */
      id: string;
      clusterId: string;
      /** @enum {string} */
      state: 'waiting' | 'running' | 'ended';
      /** @description isolated: everything was tried and refused; broken: something was reached; incomplete: something was not tried; null: not ended yet. */
      verdict: ('isolated' | 'broken' | 'incomplete' | 'no-pairs') | null;
      requestedBy: string;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      createdAt: string;
      startedAt: string | null;
      endedAt: string | null;
      /** @description While this one has not ended: the last one that has. */
      before: {
        /**
         * Format: uuid
         * @example 0192f3a4-5b6c-7d8e-9f00-112233445566
         */
        id: string;
        /** @enum {string} */
        verdict: 'isolated' | 'broken' | 'incomplete' | 'no-pairs';
        /**
         * Format: date-time
         * @example 2026-11-21T09:30:00.000Z
         */
        endedAt: string;
      } | null;
      report: {
        /** @description Places on the cluster, kept old ones too. */
        tenants: number;
        /** @description Ordered pairs that were chosen. */
        pairs: number;
        /** @description Ordered pairs that there are. */
        allPairs: number;
        /** @description How the pairs were chosen; null: all of them. */
        sample: string | null;
        poolers: string[];
        /** @description One for each attempt and way; the three add up to the pairs. */
        counts: {
          /**
           * @description Kind of the attempt.
           * @enum {string}
           */
          attempt:
            | 'identity'
            | 'qualified-name'
            | 'search-path'
            | 'select'
            | 'insert'
            | 'update'
            | 'delete'
            | 'create'
            | 'alter'
            | 'sequence'
            | 'function'
            | 'security-definer'
            | 'large-object'
            | 'statistics'
            | 'set-role'
            | 'session-authorization'
            | 'membership'
            | 'grant-role'
            | 'default-privileges'
            | 'public-privileges'
            | 'foreign-server'
            | 'service-role'
            | 'powers'
            | 'predefined-roles'
            | 'activity'
            | 'passwords'
            | 'server-files'
            | 'server-program'
            | 'temporary-schema'
            | 'other-database'
            | 'alias'
            | 'session-state';
          /** @description Id of the pooler; null: directly. */
          pooler: string | null;
          refused: number;
          reached: number;
          notTried: number;
        }[];
        /** @description One for each pair and way. Every attempt that is not among `others` was tried and refused. */
        rows: {
          from: string;
          to: string;
          /** @description Id of the pooler; null: directly. */
          pooler: string | null;
          refused: number;
          others: {
            /**
             * @description Kind of the attempt.
             * @enum {string}
             */
            attempt:
              | 'identity'
              | 'qualified-name'
              | 'search-path'
              | 'select'
              | 'insert'
              | 'update'
              | 'delete'
              | 'create'
              | 'alter'
              | 'sequence'
              | 'function'
              | 'security-definer'
              | 'large-object'
              | 'statistics'
              | 'set-role'
              | 'session-authorization'
              | 'membership'
              | 'grant-role'
              | 'default-privileges'
              | 'public-privileges'
              | 'foreign-server'
              | 'service-role'
              | 'powers'
              | 'predefined-roles'
              | 'activity'
              | 'passwords'
              | 'server-files'
              | 'server-program'
              | 'temporary-schema'
              | 'other-database'
              | 'alias'
              | 'session-state';
            /** @enum {string} */
            verdict: 'refused' | 'reached' | 'not-tried';
            because: string | null;
          }[];
        }[];
      } | null;
    };
    Move: {
      /**
       * Format: uuid
       * @description Also the id of the operation that runs the move up to the switch.
       * @example 0192f3a4-5b6c-7d8e-9f00-112233445566
       */
      id: string;
      tenantId: string;
      /** @enum {string} */
      strategy: 'online' | 'dump';
      /** @enum {string} */
      direction: 'promote' | 'demote' | 'relocate';
      /** @enum {string} */
      switch: 'auto' | 'manual';
      /** @enum {string} */
      state:
        | 'preflight'
        | 'provisioned'
        | 'schema-copied'
        | 'copying'
        | 'catching-up'
        | 'ready'
        | 'switching'
        | 'switched'
        | 'completing'
        | 'completed'
        | 'reversing'
        | 'reversed'
        | 'cancelled'
        | 'needs-operator';
      /** @description What happened to it, where it did not go as it was asked for. */
      reason: string | null;
      /** @description What it was undone for, or its reverse, with what to do. Null: nothing failed, or somebody cancelled it. */
      error: components['schemas']['OperationError'] | null;
      /** @description What the servers were asked for when the move was completed, cancelled or undone, or its reverse was, and found to be gone. Something left is an error that names it. */
      readBack: {
        /**
         * Format: date-time
         * @example 2026-11-21T09:30:00.000Z
         */
        at: string;
        gone: {
          /** @enum {string} */
          what: 'stream' | 'place' | 'fence' | 'gate' | 'instance';
          /** @description Of the stream, the schema or the instance. */
          name: string;
          clusterId: string;
        }[];
      } | null;
      fromGeneration: number;
      toGeneration: number;
      fromClusterId: string;
      toClusterId: string;
      switchRequestedAt: string | null;
      /** @description Since when somebody waits for a fresh comparison; null: nobody does, or it was made. */
      verifyRequestedAt: string | null;
      switchedAt: string | null;
      /** @description When the tenant was back at the old place. */
      reversedAt: string | null;
      /** @description How long writers waited or were refused at the last switch, in ms. */
      writePauseMs: number | null;
      /** @description Of both ends, the last before the switch or as they were at it. */
      comparison: components['schemas']['Comparison'] | null;
      /** @description The same of the reverse. */
      reverseComparison: components['schemas']['Comparison'] | null;
      /** @description Null: the move has ended, or not begun. */
      progress: components['schemas']['MoveProgress'] | null;
      version: number;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      createdAt: string;
      endedAt: string | null;
    };
    MoveEvidence: {
      move: components['schemas']['Move'];
      /** @description The move itself, then what was done with it later. */
      operations: components['schemas']['Operation'][];
      /** @description Who asked for it and pressed what, from the audit log. */
      requests: components['schemas']['AuditEntry'][];
    };
    MovePage: {
      items: components['schemas']['Move'][];
      /** @description The cursor of the next page; null: this was the last. */
      next: string | null;
    };
    MoveProgress: {
      /** @description Name of the step under way; null: nobody works on the move. */
      step: string | null;
      /** @description What the step under way has done of tables, where it counts them. */
      tables: {
        done: number;
        /** @description Null: not known. */
        total: number | null;
      } | null;
      /** @description As `tables`, in rows. */
      rows: {
        done: number;
        /** @description Null: not known. */
        total: number | null;
      } | null;
      /** @description As `tables`, in bytes. */
      bytes: {
        done: number;
        /** @description Null: not known. */
        total: number | null;
      } | null;
      /** @description Of the step under way alone, at its pace of the last 30 seconds. Null: it has no pace yet, or is silent. */
      secondsLeft: number | null;
      /** @description How far the new place is behind; once the move has switched, the old one. Online moves only, the newest that is known. */
      lag: {
        /** @description Of the log of the tenant's server that the other end has not confirmed; neighbours write to it too. */
        bytes: number;
        /** @description How long a marker took from its commit until it was to be seen at the other end, or how long it has been on its way. Null: none was sent. */
        seconds: number | null;
        /**
         * Format: date-time
         * @example 2026-11-21T09:30:00.000Z
         */
        at: string;
      } | null;
      /** @description What the tenant's server keeps of its log for the move, measured with `lag`. */
      retained: {
        bytes: number;
        /** @description The `maxRetainedBytes` of the move: past it, it is undone, unless it has switched. */
        maxBytes: number;
        /** @description From half of it on: look at what keeps the other end from following. */
        warns: boolean;
      } | null;
      /** @description When both ends were last found equal. */
      verifiedAt: string | null;
      verificationAgeSeconds: number | null;
      /** @description What keeps the operation at work from going on, or makes it go back. Null: nothing. */
      trouble: components['schemas']['OperationError'] | null;
    };
    NewApiKey: {
      id: string;
      name: string;
      scopes: ('tenants:read' | 'tenants:write' | 'moves:write' | 'billing' | 'clients:write' | 'admin')[];
      tenantId: string | null;
      expiresAt: string | null;
      /** @description Kept to the minute. */
      lastUsedAt: string | null;
      revokedAt: string | null;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      createdAt: string;
      /** @description Shown this once. Null when the answer is repeated for an Idempotency-Key: the key itself is kept nowhere. */
      key: string | null;
    };
    Operation: {
      /**
       * Format: uuid
       * @example 0192f3a4-5b6c-7d8e-9f00-112233445566
       */
      id: string;
      /** @enum {string} */
      kind:
        | 'provision-tenant'
        | 'adopt-tenant'
        | 'suspend-tenant'
        | 'resume-tenant'
        | 'repair-tenant'
        | 'change-plan'
        | 'quarantine-tenant'
        | 'remove-tenant'
        | 'move-tenant'
        | 'reverse-move'
        | 'complete-move'
        | 'rotate-login';
      tenantId: string;
      clusterIds: string[];
      /** @enum {string} */
      state: 'queued' | 'running' | 'waiting' | 'undoing' | 'needs-operator' | 'succeeded' | 'cancelled' | 'failed';
      /** @description Why it waits, failed or needs an operator, and what to do. */
      reason: string | null;
      error: components['schemas']['OperationError'] | null;
      cancelRequestedAt: string | null;
      requestedBy: string;
      steps: components['schemas']['OperationStep'][];
      result: {
        [key: string]: unknown;
      } | null;
      nextAttemptAt: string | null;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      createdAt: string;
      startedAt: string | null;
      endedAt: string | null;
    };
    OperationError: {
      code: string;
      message: string;
      hint: string | null;
      details: {
        [key: string]: unknown;
      };
    };
    OperationPage: {
      items: components['schemas']['Operation'][];
      /** @description The cursor of the next page; null: this was the last. */
      next: string | null;
    };
    OperationPlan: {
      /** @enum {string} */
      kind:
        | 'provision-tenant'
        | 'adopt-tenant'
        | 'suspend-tenant'
        | 'resume-tenant'
        | 'repair-tenant'
        | 'change-plan'
        | 'quarantine-tenant'
        | 'remove-tenant'
        | 'move-tenant'
        | 'reverse-move'
        | 'complete-move'
        | 'rotate-login';
      tenantId: string;
      clusterIds: string[];
      steps: {
        number: number;
        name: string;
        description: string;
        pointOfNoReturn: boolean;
      }[];
      findings: components['schemas']['Finding'][];
      /** @description Why this cluster was chosen, for operations that choose one. */
      decision: components['schemas']['PlacementDecision'] | null;
      /** @description False: a finding of severity `error` keeps it from starting. */
      wouldStart: boolean;
    };
    OperationStep: {
      /** @description 1 for the first. */
      number: number;
      name: string;
      description: string;
      /** @enum {string} */
      state: 'pending' | 'started' | 'done' | 'undo-started' | 'undone';
      /** @description From this step on there is no undo, only forward. */
      pointOfNoReturn: boolean;
      attempts: number;
      progress: {
        text: string;
        done: number;
        total: number | null;
        unit: string;
        /** @description The same work in other units, where they are known. */
        also: {
          done: number;
          total: number | null;
          unit: string;
        }[];
        /** @description When the step told it. */
        at: string | null;
        /** @description Of this step alone, at its pace of the last 30 seconds before `at`; null: nobody knows. */
        secondsLeft: number | null;
      } | null;
      error: components['schemas']['OperationError'] | null;
      startedAt: string | null;
      endedAt: string | null;
    };
    Placement: {
      /** @description Grows with each placement of the tenant. */
      generation: number;
      /** @enum {string} */
      state: 'preparing' | 'current' | 'previous' | 'retired';
      /** @enum {string} */
      tier: 'shared' | 'dedicated';
      clusterId: string;
      database: string;
      schema: string;
      ownerRole: string;
      operationId: string;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      createdAt: string;
      endedAt: string | null;
    };
    PlacementDecision: {
      /** @enum {string} */
      tier: 'shared' | 'dedicated';
      constraints: {
        labels: {
          [key: string]: string;
        };
        minPostgresMajor?: number;
      };
      /** @description The only cluster that was allowed; null: any. */
      askedFor: string | null;
      /** @description Null: none fitted. */
      chosen: string | null;
      because: string;
      considered: {
        clusterId: string;
        tenants: number;
        /** @description Tenants that still fitted; null: no limit. */
        room: number | null;
        /** @description Why it could not be chosen; null: it would have done. */
        refusal: {
          code: string;
          because: string;
          details: {
            [key: string]: string | number | null;
          };
        } | null;
      }[];
    };
    PlacementExplanation: {
      tenantId: string;
      /** @description Where it is, or where it is about to be. */
      placement: components['schemas']['Placement'];
      /** @description The operation that brought it there. */
      decidedBy: {
        operationId: string;
        /** @enum {string} */
        kind:
          | 'provision-tenant'
          | 'adopt-tenant'
          | 'suspend-tenant'
          | 'resume-tenant'
          | 'repair-tenant'
          | 'change-plan'
          | 'quarantine-tenant'
          | 'remove-tenant'
          | 'move-tenant'
          | 'reverse-move'
          | 'complete-move'
          | 'rotate-login';
        /** @enum {string} */
        state: 'queued' | 'running' | 'waiting' | 'undoing' | 'needs-operator' | 'succeeded' | 'cancelled' | 'failed';
        requestedBy: string;
        /**
         * Format: date-time
         * @example 2026-11-21T09:30:00.000Z
         */
        createdAt: string;
        endedAt: string | null;
      } | null;
      /** @description As it was decided then; null: nothing was chosen. */
      decision: components['schemas']['PlacementDecision'] | null;
      /** @description What would be chosen now, its own place included. */
      now: components['schemas']['PlacementDecision'];
    };
    PlacementList: {
      items: components['schemas']['Placement'][];
    };
    Plan: {
      name: string;
      /** @enum {string} */
      tier: 'shared' | 'dedicated';
      limits: {
        connectionLimit: number;
        /** @description In ms; 0: no limit. */
        statementTimeoutMs: number;
        /** @description In ms; 0: no limit. */
        idleInTransactionTimeoutMs: number;
      };
      description: string;
      version: number;
    };
    PlanList: {
      items: components['schemas']['Plan'][];
    };
    Pooler: {
      id: string;
      host: string;
      port: number;
      /** @enum {string} */
      sslMode: 'disable' | 'require' | 'verify-ca' | 'verify-full';
      folder: string;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      createdAt: string;
    };
    PoolerList: {
      items: components['schemas']['Pooler'][];
    };
    PoolerRegistration: {
      /** @description Null in a dry run. */
      pooler: components['schemas']['Pooler'] | null;
      /** @description All that the checks found. */
      findings: components['schemas']['Finding'][];
    };
    PoolerReport: {
      pooler: components['schemas']['Pooler'];
      /** @description What its checks find now. */
      findings: components['schemas']['Finding'][];
      /** @description What the worker’s next round mends; null: it does not answer. */
      drift:
        | {
            tenantId: string | null;
            message: string;
          }[]
        | null;
    };
    Problem: {
      /** @description A URI that names the kind of problem: `urn:berth:problem:<code>`. */
      type: string;
      title: string;
      status: number;
      /** @description What happened, in a sentence. */
      detail: string;
      /** @description Stable; what a program looks at. */
      code: string;
      /** @description What to type or do next. */
      hint?: string;
      /** @description Facts for programs, by code. */
      details?: {
        [key: string]: unknown;
      };
      /** @description This very request; the log knows it by the id in it. */
      instance: string;
    };
    RevealedSecret: {
      ref: string;
      version: number;
      host: string;
      port: number;
      database: string;
      schema: string;
      /** @enum {string} */
      sslmode: 'disable' | 'require' | 'verify-ca' | 'verify-full';
      /** @description PEM of the authority to trust; absent: the public ones. */
      sslrootcert?: string;
      username: string;
      generation: number;
      /** @description Null when the answer is repeated for an Idempotency-Key. */
      password: string | null;
      /** @description Null when the answer is repeated for an Idempotency-Key. */
      url: string | null;
    };
    Tenant: {
      id: string;
      /** @enum {string} */
      state: 'provisioning' | 'ready' | 'suspended' | 'quarantined' | 'removing' | 'removed' | 'failed';
      /** @description What is wrong and what to type; null: nothing to say. */
      reason: string | null;
      plan: string;
      constraints: {
        labels: {
          [key: string]: string;
        };
        minPostgresMajor?: number;
      };
      version: number;
      quarantinedUntil: string | null;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      updatedAt: string;
    };
    TenantDetail: {
      id: string;
      /** @enum {string} */
      state: 'provisioning' | 'ready' | 'suspended' | 'quarantined' | 'removing' | 'removed' | 'failed';
      /** @description What is wrong and what to type; null: nothing to say. */
      reason: string | null;
      plan: string;
      constraints: {
        labels: {
          [key: string]: string;
        };
        minPostgresMajor?: number;
      };
      version: number;
      quarantinedUntil: string | null;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-21T09:30:00.000Z
       */
      updatedAt: string;
      /** @description Where its data is now. */
      placement: components['schemas']['Placement'] | null;
      /** @description Newest first. */
      previousPlacements: components['schemas']['Placement'][];
      /** @description The newest operation, running or ended. */
      lastOperation: components['schemas']['Operation'] | null;
    };
    TenantPage: {
      items: components['schemas']['Tenant'][];
      /** @description The cursor of the next page; null: this was the last. */
      next: string | null;
    };
    TenantSecret: {
      /** @description Where it lies, relative to the mount of the store. */
      ref: string;
      clusterId: string | null;
      host: string;
      port: number;
      database: string;
      schema: string;
      /** @enum {string} */
      sslmode: 'disable' | 'require' | 'verify-ca' | 'verify-full';
      /** @description PEM of the authority to trust; absent: the public ones. */
      sslrootcert?: string;
      username: string;
      /** @description Of the placement that the secret leads to. */
      generation: number;
      logins: {
        /** @enum {string} */
        slot: 'a' | 'b';
        username: string;
        /** @description The one that the secret names. Both are there during a rotation. */
        active: boolean;
        /** @description When it became the active one; null for the other. */
        since: string | null;
      }[];
      /** @description Newest first. */
      versions: {
        version: number;
        /**
         * Format: date-time
         * @example 2026-11-21T09:30:00.000Z
         */
        createdAt: string;
        generation: number | null;
        /** @description The operation that wrote it; null: none of Berth did. */
        operationId: string | null;
        removed: boolean;
      }[];
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: {
    /**
     * @description Where the new object or the operation is.
     * @example /v1/operations/0192f3a4-5b6c-7d8e-9f00-112233445566
     */
    Location: string;
    /**
     * @description The version that If-Match takes, and a hash of the body.
     * @example "3-1f2e3d4c5b6a7988"
     */
    ETag: string;
    /**
     * @description The log knows the request by it.
     * @example 0b0d3a3e-6a8f-4f5e-9c0e-1f6a0d4f7f4f
     */
    'X-Request-Id': string;
    /**
     * @description Requests left (`r`) and seconds until all are back (`t`).
     * @example "key";r=1199;t=60
     */
    RateLimit: string;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  listTenants: {
    parameters: {
      query?: {
        /** @example ready */
        state?: 'provisioning' | 'ready' | 'suspended' | 'quarantined' | 'removing' | 'removed' | 'failed';
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example starter
         */
        plan?: string;
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example shared-1
         */
        cluster?: string;
        /**
         * @description How the id begins.
         * @example acme
         */
        prefix?: string;
        /**
         * @description Most items of the page.
         * @example 50
         */
        limit?: number;
        /**
         * @description `next` of the page before.
         * @example dDphY21lLWNvcnA
         */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page, by id. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "items": [
           *         {
           *           "id": "acme-corp",
           *           "state": "ready",
           *           "reason": null,
           *           "plan": "starter",
           *           "constraints": {
           *             "labels": {
           *               "region": "eu-central-1"
           *             }
           *           },
           *           "version": 3,
           *           "quarantinedUntil": null,
           *           "createdAt": "2026-11-21T09:30:00.000Z",
           *           "updatedAt": "2026-11-21T09:30:01.000Z"
           *         }
           *       ],
           *       "next": null
           *     }
           */
          'application/json': components['schemas']['TenantPage'];
        };
      };
      /** @description `invalid-request`, `invalid-name`, `invalid-cursor` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createTenant: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "id": "acme-corp",
         *       "plan": "starter",
         *       "constraints": {
         *         "labels": {
         *           "region": "eu-central-1"
         *         }
         *       }
         *     }
         */
        'application/json': components['schemas']['CreateTenant'];
      };
    };
    responses: {
      /** @description The dry run: the plan and what the live checks say. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "steps": [
           *         {
           *           "number": 1,
           *           "name": "create-role-and-schema",
           *           "description": "Create the roles and the schema \"tenant_acme_corp\" on the cluster \"shared-1\".",
           *           "pointOfNoReturn": false
           *         }
           *       ],
           *       "findings": [],
           *       "decision": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       },
           *       "wouldStart": true
           *     }
           */
          'application/json': components['schemas']['OperationPlan'];
        };
      };
      /** @description It was started. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `plan-not-found`, `cluster-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `tenant-exists`, `operation-in-progress` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `no-cluster-fits`, `constraint-broken`, `cluster-full`, `cluster-cordoned`, `isolation-broken`, `preflight-failed` */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `queue-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  adoptTenant: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "schema": "legacy_acme",
         *       "clusterId": "shared-1",
         *       "plan": "starter",
         *       "migratedTo": "014_invoices"
         *     }
         */
        'application/json': components['schemas']['AdoptTenant'];
      };
    };
    responses: {
      /** @description The dry run: the plan and what the live checks say. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "steps": [
           *         {
           *           "number": 1,
           *           "name": "create-role-and-schema",
           *           "description": "Create the roles and the schema \"tenant_acme_corp\" on the cluster \"shared-1\".",
           *           "pointOfNoReturn": false
           *         }
           *       ],
           *       "findings": [],
           *       "decision": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       },
           *       "wouldStart": true
           *     }
           */
          'application/json': components['schemas']['OperationPlan'];
        };
      };
      /** @description It was started. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `plan-not-found`, `cluster-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `tenant-exists`, `operation-in-progress` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `constraint-broken`, `cluster-full`, `cluster-cordoned`, `isolation-broken`, `preflight-failed` */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `queue-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getTenant: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description An ETag; 304 when nothing changed.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-None-Match'?: string;
      };
      path: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The tenant. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "acme-corp",
           *       "state": "ready",
           *       "reason": null,
           *       "plan": "starter",
           *       "constraints": {
           *         "labels": {
           *           "region": "eu-central-1"
           *         }
           *       },
           *       "version": 3,
           *       "quarantinedUntil": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "updatedAt": "2026-11-21T09:30:01.000Z",
           *       "placement": null,
           *       "previousPlacements": [],
           *       "lastOperation": null
           *     }
           */
          'application/json': components['schemas']['TenantDetail'];
        };
      };
      /** @description Nothing changed since that ETag. */
      304: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteTenant: {
    parameters: {
      query: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
        /**
         * @description Why: kept with the operation and shown to people.
         * @example contract ended
         */
        reason: string;
        /**
         * @description Removes at once, without quarantine and retention.
         * @example true
         */
        now?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The dry run: the plan and what the live checks say. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "steps": [
           *         {
           *           "number": 1,
           *           "name": "create-role-and-schema",
           *           "description": "Create the roles and the schema \"tenant_acme_corp\" on the cluster \"shared-1\".",
           *           "pointOfNoReturn": false
           *         }
           *       ],
           *       "findings": [],
           *       "decision": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       },
           *       "wouldStart": true
           *     }
           */
          'application/json': components['schemas']['OperationPlan'];
        };
      };
      /** @description It was started. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `tenant-state`, `operation-in-progress` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `version-conflict`, `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `preflight-failed` */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `queue-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listPlacements: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All placements it ever had. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "items": [
           *         {
           *           "generation": 1,
           *           "state": "current",
           *           "tier": "shared",
           *           "clusterId": "shared-1",
           *           "database": "tenants",
           *           "schema": "tenant_acme_corp",
           *           "ownerRole": "tenant_acme_corp",
           *           "operationId": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *           "createdAt": "2026-11-21T09:30:00.000Z",
           *           "endedAt": null
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['PlacementList'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  suspendTenant: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "reason": "invoice unpaid"
         *     }
         */
        'application/json': components['schemas']['Reason'];
      };
    };
    responses: {
      /** @description The dry run: the plan and what the live checks say. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "steps": [
           *         {
           *           "number": 1,
           *           "name": "create-role-and-schema",
           *           "description": "Create the roles and the schema \"tenant_acme_corp\" on the cluster \"shared-1\".",
           *           "pointOfNoReturn": false
           *         }
           *       ],
           *       "findings": [],
           *       "decision": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       },
           *       "wouldStart": true
           *     }
           */
          'application/json': components['schemas']['OperationPlan'];
        };
      };
      /** @description It was started. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `tenant-state`, `operation-in-progress` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `preflight-failed` */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `queue-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  resumeTenant: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The dry run: the plan and what the live checks say. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "steps": [
           *         {
           *           "number": 1,
           *           "name": "create-role-and-schema",
           *           "description": "Create the roles and the schema \"tenant_acme_corp\" on the cluster \"shared-1\".",
           *           "pointOfNoReturn": false
           *         }
           *       ],
           *       "findings": [],
           *       "decision": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       },
           *       "wouldStart": true
           *     }
           */
          'application/json': components['schemas']['OperationPlan'];
        };
      };
      /** @description It was started. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `tenant-state`, `operation-in-progress` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `preflight-failed` */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `queue-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  repairTenant: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The dry run: the plan and what the live checks say. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "steps": [
           *         {
           *           "number": 1,
           *           "name": "create-role-and-schema",
           *           "description": "Create the roles and the schema \"tenant_acme_corp\" on the cluster \"shared-1\".",
           *           "pointOfNoReturn": false
           *         }
           *       ],
           *       "findings": [],
           *       "decision": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       },
           *       "wouldStart": true
           *     }
           */
          'application/json': components['schemas']['OperationPlan'];
        };
      };
      /** @description It was started. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `tenant-state`, `operation-in-progress` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `preflight-failed` */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `queue-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  changePlan: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "plan": "enterprise",
         *       "strategy": "dump"
         *     }
         */
        'application/json': components['schemas']['ChangePlan'];
      };
    };
    responses: {
      /** @description The dry run: the plan and what the live checks say. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "steps": [
           *         {
           *           "number": 1,
           *           "name": "create-role-and-schema",
           *           "description": "Create the roles and the schema \"tenant_acme_corp\" on the cluster \"shared-1\".",
           *           "pointOfNoReturn": false
           *         }
           *       ],
           *       "findings": [],
           *       "decision": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       },
           *       "wouldStart": true
           *     }
           */
          'application/json': components['schemas']['OperationPlan'];
        };
      };
      /** @description It was started. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found`, `plan-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `tenant-state`, `move-open`, `operation-in-progress` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `version-conflict`, `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `no-cluster-fits`, `preflight-failed` */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `queue-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createMove: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "target": {
         *         "tier": "dedicated"
         *       },
         *       "strategy": "dump",
         *       "switch": "auto"
         *     }
         */
        'application/json': components['schemas']['CreateMove'];
      };
    };
    responses: {
      /** @description The dry run: the plan and what the live checks say. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "steps": [
           *         {
           *           "number": 1,
           *           "name": "create-role-and-schema",
           *           "description": "Create the roles and the schema \"tenant_acme_corp\" on the cluster \"shared-1\".",
           *           "pointOfNoReturn": false
           *         }
           *       ],
           *       "findings": [],
           *       "decision": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       },
           *       "wouldStart": true
           *     }
           */
          'application/json': components['schemas']['OperationPlan'];
        };
      };
      /** @description It was started. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found`, `cluster-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `tenant-state`, `move-open`, `window-passed`, `operation-in-progress` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `no-cluster-fits`, `constraint-broken`, `strategy-mismatch`, `cluster-full`, `cluster-cordoned`, `isolation-broken`, `preflight-failed` */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `queue-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listMoves: {
    parameters: {
      query?: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId?: string;
        /**
         * @description Only moves that are neither completed nor cancelled.
         * @example true
         */
        open?: boolean;
        /**
         * @description Most items of the page.
         * @example 50
         */
        limit?: number;
        /**
         * @description `next` of the page before.
         * @example bToxNw
         */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "items": [
           *         {
           *           "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *           "tenantId": "acme-corp",
           *           "strategy": "online",
           *           "direction": "promote",
           *           "switch": "auto",
           *           "state": "switched",
           *           "reason": null,
           *           "error": null,
           *           "readBack": null,
           *           "fromGeneration": 1,
           *           "toGeneration": 2,
           *           "fromClusterId": "shared-1",
           *           "toClusterId": "dedicated-acme-corp-g2",
           *           "switchRequestedAt": "2026-11-21T09:30:00.000Z",
           *           "verifyRequestedAt": null,
           *           "switchedAt": "2026-11-21T09:31:00.000Z",
           *           "reversedAt": null,
           *           "writePauseMs": 21,
           *           "comparison": null,
           *           "reverseComparison": null,
           *           "progress": {
           *             "step": null,
           *             "tables": null,
           *             "rows": null,
           *             "bytes": null,
           *             "secondsLeft": null,
           *             "lag": {
           *               "bytes": 4096,
           *               "seconds": 0.004,
           *               "at": "2026-11-21T09:40:00.000Z"
           *             },
           *             "retained": {
           *               "bytes": 16777216,
           *               "maxBytes": 17179869184,
           *               "warns": false
           *             },
           *             "verifiedAt": null,
           *             "verificationAgeSeconds": null,
           *             "trouble": null
           *           },
           *           "version": 7,
           *           "createdAt": "2026-11-21T09:30:00.000Z",
           *           "endedAt": null
           *         }
           *       ],
           *       "next": null
           *     }
           */
          'application/json': components['schemas']['MovePage'];
        };
      };
      /** @description `invalid-request`, `invalid-name`, `invalid-cursor` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getMove: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description An ETag; 304 when nothing changed.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-None-Match'?: string;
      };
      path: {
        /** @example 0192f3a4-5b6c-7d8e-9f00-112233445566 */
        moveId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The move. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "tenantId": "acme-corp",
           *       "strategy": "online",
           *       "direction": "promote",
           *       "switch": "auto",
           *       "state": "switched",
           *       "reason": null,
           *       "error": null,
           *       "readBack": null,
           *       "fromGeneration": 1,
           *       "toGeneration": 2,
           *       "fromClusterId": "shared-1",
           *       "toClusterId": "dedicated-acme-corp-g2",
           *       "switchRequestedAt": "2026-11-21T09:30:00.000Z",
           *       "verifyRequestedAt": null,
           *       "switchedAt": "2026-11-21T09:31:00.000Z",
           *       "reversedAt": null,
           *       "writePauseMs": 21,
           *       "comparison": null,
           *       "reverseComparison": null,
           *       "progress": {
           *         "step": null,
           *         "tables": null,
           *         "rows": null,
           *         "bytes": null,
           *         "secondsLeft": null,
           *         "lag": {
           *           "bytes": 4096,
           *           "seconds": 0.004,
           *           "at": "2026-11-21T09:40:00.000Z"
           *         },
           *         "retained": {
           *           "bytes": 16777216,
           *           "maxBytes": 17179869184,
           *           "warns": false
           *         },
           *         "verifiedAt": null,
           *         "verificationAgeSeconds": null,
           *         "trouble": null
           *       },
           *       "version": 7,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Move'];
        };
      };
      /** @description Nothing changed since that ETag. */
      304: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `move-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getMoveEvidence: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @example 0192f3a4-5b6c-7d8e-9f00-112233445566 */
        moveId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The evidence. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "move": {
           *         "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *         "tenantId": "acme-corp",
           *         "strategy": "online",
           *         "direction": "promote",
           *         "switch": "auto",
           *         "state": "switched",
           *         "reason": null,
           *         "error": null,
           *         "readBack": null,
           *         "fromGeneration": 1,
           *         "toGeneration": 2,
           *         "fromClusterId": "shared-1",
           *         "toClusterId": "dedicated-acme-corp-g2",
           *         "switchRequestedAt": "2026-11-21T09:30:00.000Z",
           *         "verifyRequestedAt": null,
           *         "switchedAt": "2026-11-21T09:31:00.000Z",
           *         "reversedAt": null,
           *         "writePauseMs": 21,
           *         "comparison": null,
           *         "reverseComparison": null,
           *         "progress": {
           *           "step": null,
           *           "tables": null,
           *           "rows": null,
           *           "bytes": null,
           *           "secondsLeft": null,
           *           "lag": {
           *             "bytes": 4096,
           *             "seconds": 0.004,
           *             "at": "2026-11-21T09:40:00.000Z"
           *           },
           *           "retained": {
           *             "bytes": 16777216,
           *             "maxBytes": 17179869184,
           *             "warns": false
           *           },
           *           "verifiedAt": null,
           *           "verificationAgeSeconds": null,
           *           "trouble": null
           *         },
           *         "version": 7,
           *         "createdAt": "2026-11-21T09:30:00.000Z",
           *         "endedAt": null
           *       },
           *       "operations": [],
           *       "requests": []
           *     }
           */
          'application/json': components['schemas']['MoveEvidence'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `move-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  switchMove: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /** @example 0192f3a4-5b6c-7d8e-9f00-112233445566 */
        moveId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The dry run: the plan and what the live checks say. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "steps": [
           *         {
           *           "number": 1,
           *           "name": "create-role-and-schema",
           *           "description": "Create the roles and the schema \"tenant_acme_corp\" on the cluster \"shared-1\".",
           *           "pointOfNoReturn": false
           *         }
           *       ],
           *       "findings": [],
           *       "decision": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       },
           *       "wouldStart": true
           *     }
           */
          'application/json': components['schemas']['OperationPlan'];
        };
      };
      /** @description It was asked for. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `move-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `move-state` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  verifyMove: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /** @example 0192f3a4-5b6c-7d8e-9f00-112233445566 */
        moveId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The dry run: the plan and what the live checks say. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "steps": [
           *         {
           *           "number": 1,
           *           "name": "create-role-and-schema",
           *           "description": "Create the roles and the schema \"tenant_acme_corp\" on the cluster \"shared-1\".",
           *           "pointOfNoReturn": false
           *         }
           *       ],
           *       "findings": [],
           *       "decision": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       },
           *       "wouldStart": true
           *     }
           */
          'application/json': components['schemas']['OperationPlan'];
        };
      };
      /** @description It was asked for. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `move-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `move-state` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  reverseMove: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /** @example 0192f3a4-5b6c-7d8e-9f00-112233445566 */
        moveId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The dry run: the plan and what the live checks say. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "steps": [
           *         {
           *           "number": 1,
           *           "name": "create-role-and-schema",
           *           "description": "Create the roles and the schema \"tenant_acme_corp\" on the cluster \"shared-1\".",
           *           "pointOfNoReturn": false
           *         }
           *       ],
           *       "findings": [],
           *       "decision": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       },
           *       "wouldStart": true
           *     }
           */
          'application/json': components['schemas']['OperationPlan'];
        };
      };
      /** @description It was started. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `move-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `move-state`, `tenant-state`, `placement-conflict`, `operation-in-progress` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `preflight-failed` */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `queue-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  completeMove: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /** @example 0192f3a4-5b6c-7d8e-9f00-112233445566 */
        moveId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The dry run: the plan and what the live checks say. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "steps": [
           *         {
           *           "number": 1,
           *           "name": "create-role-and-schema",
           *           "description": "Create the roles and the schema \"tenant_acme_corp\" on the cluster \"shared-1\".",
           *           "pointOfNoReturn": false
           *         }
           *       ],
           *       "findings": [],
           *       "decision": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       },
           *       "wouldStart": true
           *     }
           */
          'application/json': components['schemas']['OperationPlan'];
        };
      };
      /** @description It was started. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `move-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `move-state`, `operation-in-progress` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `preflight-failed` */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `queue-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  cancelMove: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /** @example 0192f3a4-5b6c-7d8e-9f00-112233445566 */
        moveId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The dry run: the plan and what the live checks say. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "steps": [
           *         {
           *           "number": 1,
           *           "name": "create-role-and-schema",
           *           "description": "Create the roles and the schema \"tenant_acme_corp\" on the cluster \"shared-1\".",
           *           "pointOfNoReturn": false
           *         }
           *       ],
           *       "findings": [],
           *       "decision": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       },
           *       "wouldStart": true
           *     }
           */
          'application/json': components['schemas']['OperationPlan'];
        };
      };
      /** @description It was asked for. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `move-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `move-state`, `operation-state`, `past-point-of-no-return` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listOperations: {
    parameters: {
      query?: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId?: string;
        /** @example needs-operator */
        state?: 'queued' | 'running' | 'waiting' | 'undoing' | 'needs-operator' | 'succeeded' | 'cancelled' | 'failed';
        /** @example move-tenant */
        kind?:
          | 'provision-tenant'
          | 'adopt-tenant'
          | 'suspend-tenant'
          | 'resume-tenant'
          | 'repair-tenant'
          | 'change-plan'
          | 'quarantine-tenant'
          | 'remove-tenant'
          | 'move-tenant'
          | 'reverse-move'
          | 'complete-move'
          | 'rotate-login';
        /**
         * @description Most items of the page.
         * @example 50
         */
        limit?: number;
        /**
         * @description `next` of the page before.
         * @example bzoxNw
         */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "items": [
           *         {
           *           "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *           "kind": "provision-tenant",
           *           "tenantId": "acme-corp",
           *           "clusterIds": [
           *             "shared-1"
           *           ],
           *           "state": "running",
           *           "reason": null,
           *           "error": null,
           *           "cancelRequestedAt": null,
           *           "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *           "steps": [],
           *           "result": null,
           *           "nextAttemptAt": null,
           *           "createdAt": "2026-11-21T09:30:00.000Z",
           *           "startedAt": "2026-11-21T09:30:00.010Z",
           *           "endedAt": null
           *         }
           *       ],
           *       "next": null
           *     }
           */
          'application/json': components['schemas']['OperationPage'];
        };
      };
      /** @description `invalid-request`, `invalid-name`, `invalid-cursor` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getOperation: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description An ETag; 304 when nothing changed.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-None-Match'?: string;
      };
      path: {
        /** @example 0192f3a4-5b6c-7d8e-9f00-112233445566 */
        operationId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The operation. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description Nothing changed since that ETag. */
      304: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `operation-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  watchOperation: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description Id of the last event that was seen.
         * @example 7
         */
        'Last-Event-ID'?: string;
      };
      path: {
        /** @example 0192f3a4-5b6c-7d8e-9f00-112233445566 */
        operationId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The stream. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "7",
           *       "event": "operation",
           *       "data": "{\"id\":\"0192f3a4-5b6c-7d8e-9f00-112233445566\",\"state\":\"running\"}"
           *     }
           */
          'text/event-stream': {
            /** @description What `Last-Event-ID` takes; the event `end` has none. */
            id?: string;
            /** @enum {string} */
            event: 'operation' | 'end';
            /** @description JSON: the whole operation, or `{}` at the end. With `moveProgress`, the `progress` of its move, where it works on one. */
            data: string;
          };
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `operation-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  cancelOperation: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path: {
        /** @example 0192f3a4-5b6c-7d8e-9f00-112233445566 */
        operationId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It was asked for. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `operation-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `operation-state`, `past-point-of-no-return` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  confirmOperation: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path: {
        /** @example 0192f3a4-5b6c-7d8e-9f00-112233445566 */
        operationId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It was asked for. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `operation-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `operation-state` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  retryOperation: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path: {
        /** @example 0192f3a4-5b6c-7d8e-9f00-112233445566 */
        operationId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It was asked for. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `operation-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `operation-state` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listClusters: {
    parameters: {
      query?: {
        /**
         * @description Also asks each server for its load; one that does not answer in 2 s has none.
         * @example true
         */
        load?: boolean;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All clusters. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "items": []
           *     }
           */
          'application/json': components['schemas']['ClusterList'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  registerCluster: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "id": "shared-1",
         *       "host": "db-1.internal",
         *       "port": 5432,
         *       "sslMode": "verify-full",
         *       "labels": {
         *         "region": "eu-central-1"
         *       },
         *       "maxTenants": 2000,
         *       "extensions": [
         *         "citext"
         *       ],
         *       "admin": {
         *         "username": "berth_admin",
         *         "password": "correct horse battery staple"
         *       }
         *     }
         */
        'application/json': components['schemas']['RegisterCluster'];
      };
    };
    responses: {
      /** @description The dry run: all findings. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "cluster": null,
           *       "findings": [],
           *       "changes": []
           *     }
           */
          'application/json': components['schemas']['ClusterRegistration'];
        };
      };
      /** @description It is registered and takes tenants. */
      201: {
        headers: {
          Location: components['headers']['Location'];
          ETag: components['headers']['ETag'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "cluster": null,
           *       "findings": [],
           *       "changes": []
           *     }
           */
          'application/json': components['schemas']['ClusterRegistration'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `cluster-exists`, `secret-conflict` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `cluster-unreachable`, `cluster-tls`, `preflight-failed`, `cluster-too-old`, `cluster-rights`, `cluster-unsafe`, `cluster-full` */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `secrets-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getCluster: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description An ETag; 304 when nothing changed.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-None-Match'?: string;
      };
      path: {
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example shared-1
         */
        clusterId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The cluster. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "shared-1",
           *       "tier": "shared",
           *       "state": "active",
           *       "host": "db-1.internal",
           *       "port": 5432,
           *       "sslMode": "verify-full",
           *       "authority": null,
           *       "database": "tenants",
           *       "postgresMajor": 16,
           *       "labels": {
           *         "region": "eu-central-1"
           *       },
           *       "maxTenants": 2000,
           *       "maxOperations": 4,
           *       "managed": false,
           *       "streamsLogin": false,
           *       "version": 1,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "tenants": 120,
           *       "room": 1880,
           *       "load": {
           *         "bytes": 9000000000,
           *         "sessions": 40,
           *         "maxSessions": 400,
           *         "schemas": 120
           *       },
           *       "instance": null
           *     }
           */
          'application/json': components['schemas']['Cluster'];
        };
      };
      /** @description Nothing changed since that ETag. */
      304: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `cluster-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deleteCluster: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example shared-1
         */
        clusterId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is forgotten, its admin login destroyed. */
      204: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `cluster-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `cluster-in-use` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `version-conflict`, `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  changeCluster: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example shared-1
         */
        clusterId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "maxTenants": 3000
         *     }
         */
        'application/json': components['schemas']['ChangeCluster'];
      };
    };
    responses: {
      /** @description The cluster as it is now. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "shared-1",
           *       "tier": "shared",
           *       "state": "active",
           *       "host": "db-1.internal",
           *       "port": 5432,
           *       "sslMode": "verify-full",
           *       "authority": null,
           *       "database": "tenants",
           *       "postgresMajor": 16,
           *       "labels": {
           *         "region": "eu-central-1"
           *       },
           *       "maxTenants": 2000,
           *       "maxOperations": 4,
           *       "managed": false,
           *       "streamsLogin": false,
           *       "version": 1,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "tenants": 120,
           *       "room": 1880,
           *       "load": {
           *         "bytes": 9000000000,
           *         "sessions": 40,
           *         "maxSessions": 400,
           *         "schemas": 120
           *       },
           *       "instance": null
           *     }
           */
          'application/json': components['schemas']['Cluster'];
        };
      };
      /** @description Nothing changed since that ETag. */
      304: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `cluster-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `secret-conflict` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `version-conflict`, `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `cluster-tls`, `preflight-failed` */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`, `secret-missing` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `cluster-unreachable`, `secrets-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  cordonCluster: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example shared-1
         */
        clusterId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The cluster as it is now. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "shared-1",
           *       "tier": "shared",
           *       "state": "active",
           *       "host": "db-1.internal",
           *       "port": 5432,
           *       "sslMode": "verify-full",
           *       "authority": null,
           *       "database": "tenants",
           *       "postgresMajor": 16,
           *       "labels": {
           *         "region": "eu-central-1"
           *       },
           *       "maxTenants": 2000,
           *       "maxOperations": 4,
           *       "managed": false,
           *       "streamsLogin": false,
           *       "version": 1,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "tenants": 120,
           *       "room": 1880,
           *       "load": {
           *         "bytes": 9000000000,
           *         "sessions": 40,
           *         "maxSessions": 400,
           *         "schemas": 120
           *       },
           *       "instance": null
           *     }
           */
          'application/json': components['schemas']['Cluster'];
        };
      };
      /** @description Nothing changed since that ETag. */
      304: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `cluster-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `version-conflict`, `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  uncordonCluster: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example shared-1
         */
        clusterId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The cluster as it is now. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "shared-1",
           *       "tier": "shared",
           *       "state": "active",
           *       "host": "db-1.internal",
           *       "port": 5432,
           *       "sslMode": "verify-full",
           *       "authority": null,
           *       "database": "tenants",
           *       "postgresMajor": 16,
           *       "labels": {
           *         "region": "eu-central-1"
           *       },
           *       "maxTenants": 2000,
           *       "maxOperations": 4,
           *       "managed": false,
           *       "streamsLogin": false,
           *       "version": 1,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "tenants": 120,
           *       "room": 1880,
           *       "load": {
           *         "bytes": 9000000000,
           *         "sessions": 40,
           *         "maxSessions": 400,
           *         "schemas": 120
           *       },
           *       "instance": null
           *     }
           */
          'application/json': components['schemas']['Cluster'];
        };
      };
      /** @description Nothing changed since that ETag. */
      304: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `cluster-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `cluster-draining` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `version-conflict`, `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  examineSystem: {
    parameters: {
      query?: {
        /**
         * @description This cluster and its tenants alone.
         * @example shared-1
         */
        cluster?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All that was found, the worst first. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "verdict": "errors",
           *       "examinedAt": "2026-11-21T09:30:00.000Z",
           *       "ms": 412,
           *       "clusters": 2,
           *       "tenants": 118,
           *       "findings": [
           *         {
           *           "check": "tenants",
           *           "severity": "error",
           *           "code": "tenant-drifted",
           *           "object": "tenant acme-corp",
           *           "message": "The login role tenant_acme_corp__a is missing.",
           *           "remedy": "berth tenants repair acme-corp",
           *           "safeToFix": true
           *         }
           *       ],
           *       "notExamined": [
           *         {
           *           "check": "settings",
           *           "object": "pg_hba.conf of cluster shared-1",
           *           "because": "The admin may not read it."
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['DoctorReport'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `cluster-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  fixSystem: {
    parameters: {
      query?: {
        /**
         * @description This cluster and its tenants alone.
         * @example shared-1
         */
        cluster?: string;
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What was found, and what became of each fix. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "report": {
           *         "verdict": "errors",
           *         "examinedAt": "2026-11-21T09:30:00.000Z",
           *         "ms": 412,
           *         "clusters": 2,
           *         "tenants": 118,
           *         "findings": [
           *           {
           *             "check": "tenants",
           *             "severity": "error",
           *             "code": "tenant-drifted",
           *             "object": "tenant acme-corp",
           *             "message": "The login role tenant_acme_corp__a is missing.",
           *             "remedy": "berth tenants repair acme-corp",
           *             "safeToFix": true
           *           }
           *         ],
           *         "notExamined": [
           *           {
           *             "check": "settings",
           *             "object": "pg_hba.conf of cluster shared-1",
           *             "because": "The admin may not read it."
           *           }
           *         ]
           *       },
           *       "fixes": [
           *         {
           *           "kind": "repair-tenant",
           *           "object": "acme-corp",
           *           "outcome": "started",
           *           "message": "berth operations watch 0192f3a4-5b6c-7d8e-9f00-112233445566"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['DoctorFixes'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `cluster-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getDrain: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example shared-1
         */
        clusterId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The drain. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "clusterId": "shared-1",
           *       "state": "running",
           *       "strategy": "dump",
           *       "atOnce": 2,
           *       "complete": false,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "endedAt": null,
           *       "counts": {
           *         "moving": 1
           *       },
           *       "tenants": [
           *         {
           *           "tenantId": "acme-corp",
           *           "state": "moving",
           *           "moveId": "0192f3a4-5b6c-7d8e-9f00-112233445567",
           *           "target": "shared-2",
           *           "error": null
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['Drain'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `cluster-not-found`, `drain-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  drainCluster: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path: {
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example shared-1
         */
        clusterId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "strategy": "dump",
         *       "atOnce": 2,
         *       "complete": false
         *     }
         */
        'application/json': components['schemas']['StartDrain'];
      };
    };
    responses: {
      /** @description The dry run: each tenant with its target, or why it cannot go. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "clusterId": "shared-1",
           *       "tenants": [
           *         {
           *           "tenantId": "acme-corp",
           *           "target": "shared-2",
           *           "refusal": null,
           *           "decision": null
           *         },
           *         {
           *           "tenantId": "corner-bakery",
           *           "target": null,
           *           "decision": null,
           *           "refusal": {
           *             "code": "tenant-state",
           *             "message": "Tenant corner-bakery is suspended; to move it, it has to be ready.",
           *             "hint": "Type: berth tenants show corner-bakery"
           *           }
           *         }
           *       ],
           *       "keptPlaces": []
           *     }
           */
          'application/json': components['schemas']['DrainPlan'];
        };
      };
      /** @description It was started; workers drive it. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "clusterId": "shared-1",
           *       "state": "running",
           *       "strategy": "dump",
           *       "atOnce": 2,
           *       "complete": false,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "endedAt": null,
           *       "counts": {
           *         "moving": 1
           *       },
           *       "tenants": [
           *         {
           *           "tenantId": "acme-corp",
           *           "state": "moving",
           *           "moveId": "0192f3a4-5b6c-7d8e-9f00-112233445567",
           *           "target": "shared-2",
           *           "error": null
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['Drain'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `cluster-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `cluster-in-use`, `cluster-draining` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  stopDrain: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path: {
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example shared-1
         */
        clusterId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It stops. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "clusterId": "shared-1",
           *       "state": "running",
           *       "strategy": "dump",
           *       "atOnce": 2,
           *       "complete": false,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "endedAt": null,
           *       "counts": {
           *         "moving": 1
           *       },
           *       "tenants": [
           *         {
           *           "tenantId": "acme-corp",
           *           "state": "moving",
           *           "moveId": "0192f3a4-5b6c-7d8e-9f00-112233445567",
           *           "target": "shared-2",
           *           "error": null
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['Drain'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `cluster-not-found`, `drain-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getIsolation: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example shared-1
         */
        clusterId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The proof, with all that was found when it has ended. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "clusterId": "shared-1",
           *       "state": "ended",
           *       "verdict": "broken",
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:01.000Z",
           *       "endedAt": "2026-11-21T09:30:03.000Z",
           *       "before": null,
           *       "report": {
           *         "tenants": 2,
           *         "pairs": 2,
           *         "allPairs": 2,
           *         "sample": null,
           *         "poolers": [],
           *         "counts": [
           *           {
           *             "attempt": "select",
           *             "pooler": null,
           *             "refused": 1,
           *             "reached": 1,
           *             "notTried": 0
           *           }
           *         ],
           *         "rows": [
           *           {
           *             "from": "acme-corp",
           *             "to": "corner-bakery",
           *             "pooler": null,
           *             "refused": 29,
           *             "others": [
           *               {
           *                 "attempt": "select",
           *                 "verdict": "reached",
           *                 "because": "tenant_acme_corp can read \"tenant_corner_bakery\".\"orders\"."
           *               }
           *             ]
           *           },
           *           {
           *             "from": "corner-bakery",
           *             "to": "acme-corp",
           *             "pooler": null,
           *             "refused": 30,
           *             "others": []
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': components['schemas']['IsolationProof'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `cluster-not-found`, `proof-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  proveIsolation: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path: {
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example shared-1
         */
        clusterId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It was asked for; a worker makes it. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "clusterId": "shared-1",
           *       "state": "ended",
           *       "verdict": "broken",
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:01.000Z",
           *       "endedAt": "2026-11-21T09:30:03.000Z",
           *       "before": null,
           *       "report": {
           *         "tenants": 2,
           *         "pairs": 2,
           *         "allPairs": 2,
           *         "sample": null,
           *         "poolers": [],
           *         "counts": [
           *           {
           *             "attempt": "select",
           *             "pooler": null,
           *             "refused": 1,
           *             "reached": 1,
           *             "notTried": 0
           *           }
           *         ],
           *         "rows": [
           *           {
           *             "from": "acme-corp",
           *             "to": "corner-bakery",
           *             "pooler": null,
           *             "refused": 29,
           *             "others": [
           *               {
           *                 "attempt": "select",
           *                 "verdict": "reached",
           *                 "because": "tenant_acme_corp can read \"tenant_corner_bakery\".\"orders\"."
           *               }
           *             ]
           *           },
           *           {
           *             "from": "corner-bakery",
           *             "to": "acme-corp",
           *             "pooler": null,
           *             "refused": 30,
           *             "others": []
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': components['schemas']['IsolationProof'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `cluster-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  explainPlacement: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The decision, and what it would be now. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "tenantId": "acme-corp",
           *       "placement": {
           *         "generation": 1,
           *         "state": "current",
           *         "tier": "shared",
           *         "clusterId": "shared-1",
           *         "database": "tenants",
           *         "schema": "tenant_acme_corp",
           *         "ownerRole": "tenant_acme_corp",
           *         "operationId": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *         "createdAt": "2026-11-21T09:30:00.000Z",
           *         "endedAt": null
           *       },
           *       "decidedBy": {
           *         "operationId": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *         "kind": "provision-tenant",
           *         "state": "succeeded",
           *         "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *         "createdAt": "2026-11-21T09:30:00.000Z",
           *         "endedAt": "2026-11-21T09:30:01.000Z"
           *       },
           *       "decision": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       },
           *       "now": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       }
           *     }
           */
          'application/json': components['schemas']['PlacementExplanation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-state` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listPlans: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All plans. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "items": [
           *         {
           *           "name": "starter",
           *           "tier": "shared",
           *           "limits": {
           *             "connectionLimit": 10,
           *             "statementTimeoutMs": 30000,
           *             "idleInTransactionTimeoutMs": 60000
           *           },
           *           "description": "Small teams.",
           *           "version": 1
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['PlanList'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getPlan: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description An ETag; 304 when nothing changed.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-None-Match'?: string;
      };
      path: {
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example starter
         */
        plan: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The plan. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "name": "starter",
           *       "tier": "shared",
           *       "limits": {
           *         "connectionLimit": 10,
           *         "statementTimeoutMs": 30000,
           *         "idleInTransactionTimeoutMs": 60000
           *       },
           *       "description": "Small teams.",
           *       "version": 1
           *     }
           */
          'application/json': components['schemas']['Plan'];
        };
      };
      /** @description Nothing changed since that ETag. */
      304: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `plan-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  putPlan: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example starter
         */
        plan: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "tier": "shared",
         *       "limits": {
         *         "connectionLimit": 10,
         *         "statementTimeoutMs": 30000,
         *         "idleInTransactionTimeoutMs": 60000
         *       },
         *       "description": "Small teams."
         *     }
         */
        'application/json': components['schemas']['PutPlan'];
      };
    };
    responses: {
      /** @description It was changed. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "name": "starter",
           *       "tier": "shared",
           *       "limits": {
           *         "connectionLimit": 10,
           *         "statementTimeoutMs": 30000,
           *         "idleInTransactionTimeoutMs": 60000
           *       },
           *       "description": "Small teams.",
           *       "version": 1
           *     }
           */
          'application/json': components['schemas']['Plan'];
        };
      };
      /** @description It was created. */
      201: {
        headers: {
          Location: components['headers']['Location'];
          ETag: components['headers']['ETag'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "name": "starter",
           *       "tier": "shared",
           *       "limits": {
           *         "connectionLimit": 10,
           *         "statementTimeoutMs": 30000,
           *         "idleInTransactionTimeoutMs": 60000
           *       },
           *       "description": "Small teams.",
           *       "version": 1
           *     }
           */
          'application/json': components['schemas']['Plan'];
        };
      };
      /** @description Nothing changed since that ETag. */
      304: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `plan-in-use` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `version-conflict`, `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deletePlan: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
        /**
         * @description The ETag of what was seen; 412 when it changed since.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-Match'?: string;
      };
      path: {
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example starter
         */
        plan: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is gone. */
      204: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `plan-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `plan-in-use` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `version-conflict`, `precondition-failed` */
      412: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listPoolers: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All poolers. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "items": []
           *     }
           */
          'application/json': components['schemas']['PoolerList'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  registerPooler: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "id": "pool-1",
         *       "host": "pool-1.internal",
         *       "port": 6432,
         *       "sslMode": "verify-full",
         *       "folder": "/srv/pool-1/berth",
         *       "admin": {
         *         "username": "berth_pooler",
         *         "password": "correct horse battery staple"
         *       }
         *     }
         */
        'application/json': components['schemas']['RegisterPooler'];
      };
    };
    responses: {
      /** @description The dry run: all findings. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "pooler": null,
           *       "findings": []
           *     }
           */
          'application/json': components['schemas']['PoolerRegistration'];
        };
      };
      /** @description It is registered; the worker’s next round fills it. */
      201: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "pooler": null,
           *       "findings": []
           *     }
           */
          'application/json': components['schemas']['PoolerRegistration'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `pooler-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `pooler-exists`, `secret-conflict` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `pooler-too-old`, `pooler-unsafe` */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`, `pooler-files` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `pooler-refused` */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `pooler-unreachable`, `pooler-busy`, `secrets-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getPooler: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example shared-1
         */
        poolerId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The pooler. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "pooler": {
           *         "id": "pool-1",
           *         "host": "pool-1.internal",
           *         "port": 6432,
           *         "sslMode": "verify-full",
           *         "folder": "/srv/pool-1/berth",
           *         "createdAt": "2026-11-26T20:00:00.000Z"
           *       },
           *       "findings": [],
           *       "drift": []
           *     }
           */
          'application/json': components['schemas']['PoolerReport'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `pooler-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `pooler-refused` */
      502: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `secrets-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  deletePooler: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path: {
        /**
         * @description a-z, 0-9 and single inner hyphens, starting with a letter.
         * @example shared-1
         */
        poolerId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is forgotten, its admin login destroyed. */
      204: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `pooler-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `pooler-busy`, `secrets-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listApiKeys: {
    parameters: {
      query?: {
        /**
         * @description Most items of the page.
         * @example 50
         */
        limit?: number;
        /**
         * @description `next` of the page before.
         * @example azoxNw
         */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "items": [
           *         {
           *           "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *           "name": "billing page",
           *           "scopes": [
           *             "billing"
           *           ],
           *           "tenantId": null,
           *           "expiresAt": "2099-11-21T00:00:00.000Z",
           *           "lastUsedAt": null,
           *           "revokedAt": null,
           *           "createdAt": "2026-11-21T09:30:00.000Z"
           *         }
           *       ],
           *       "next": null
           *     }
           */
          'application/json': components['schemas']['ApiKeyPage'];
        };
      };
      /** @description `invalid-request`, `invalid-name`, `invalid-cursor` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  createApiKey: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "name": "billing page",
         *       "scopes": [
         *         "billing"
         *       ],
         *       "expiresAt": "2099-11-21T00:00:00.000Z"
         *     }
         */
        'application/json': components['schemas']['CreateApiKey'];
      };
    };
    responses: {
      /** @description The key, this once. */
      201: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "name": "billing page",
           *       "scopes": [
           *         "billing"
           *       ],
           *       "tenantId": null,
           *       "expiresAt": "2099-11-21T00:00:00.000Z",
           *       "lastUsedAt": null,
           *       "revokedAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "key": "berth_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
           *     }
           */
          'application/json': components['schemas']['NewApiKey'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getApiKey: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description An ETag; 304 when nothing changed.
         * @example "3-1f2e3d4c5b6a7988"
         */
        'If-None-Match'?: string;
      };
      path: {
        /** @example 0192f3a4-5b6c-7d8e-9f00-112233445566 */
        keyId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The key’s record. */
      200: {
        headers: {
          ETag: components['headers']['ETag'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "name": "billing page",
           *       "scopes": [
           *         "billing"
           *       ],
           *       "tenantId": null,
           *       "expiresAt": "2099-11-21T00:00:00.000Z",
           *       "lastUsedAt": null,
           *       "revokedAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['ApiKey'];
        };
      };
      /** @description Nothing changed since that ETag. */
      304: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `api-key-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  revokeApiKey: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path: {
        /** @example 0192f3a4-5b6c-7d8e-9f00-112233445566 */
        keyId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is revoked. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "name": "billing page",
           *       "scopes": [
           *         "billing"
           *       ],
           *       "tenantId": null,
           *       "expiresAt": "2099-11-21T00:00:00.000Z",
           *       "lastUsedAt": null,
           *       "revokedAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z"
           *     }
           */
          'application/json': components['schemas']['ApiKey'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `api-key-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listAudit: {
    parameters: {
      query?: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId?: string;
        /** @example key:bootstrap-0a1b2c3d4e5f */
        actor?: string;
        /**
         * @description Most items of the page.
         * @example 50
         */
        limit?: number;
        /**
         * @description `next` of the page before.
         * @example YToxNw
         */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "items": [
           *         {
           *           "number": 42,
           *           "at": "2026-11-21T09:30:00.000Z",
           *           "actor": "key:bootstrap-0a1b2c3d4e5f",
           *           "action": "create-tenant",
           *           "tenantId": "acme-corp",
           *           "object": "/v1/tenants",
           *           "from": "10.0.0.7",
           *           "answer": "202",
           *           "operationId": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *           "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
           *         }
           *       ],
           *       "next": null
           *     }
           */
          'application/json': components['schemas']['AuditPage'];
        };
      };
      /** @description `invalid-request`, `invalid-name`, `invalid-cursor` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  verifyAudit: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Whether it is intact, else the first entry that does not fit. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "intact": true,
           *       "entries": 1204,
           *       "brokenAt": null
           *     }
           */
          'application/json': components['schemas']['AuditVerification'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  getTenantSecret: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Everything but the password. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "ref": "tenants/acme-corp/db",
           *       "clusterId": "shared-1",
           *       "host": "10.0.0.12",
           *       "port": 5432,
           *       "database": "tenants",
           *       "schema": "tenant_acme_corp",
           *       "sslmode": "verify-full",
           *       "username": "tenant_acme_corp__b",
           *       "generation": 1,
           *       "logins": [
           *         {
           *           "slot": "b",
           *           "username": "tenant_acme_corp__b",
           *           "active": true,
           *           "since": "2026-11-21T09:30:00.000Z"
           *         }
           *       ],
           *       "versions": [
           *         {
           *           "version": 2,
           *           "createdAt": "2026-11-21T09:30:00.000Z",
           *           "generation": 1,
           *           "operationId": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *           "removed": false
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['TenantSecret'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-state` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`, `secret-missing`, `secret-corrupt` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `secrets-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  revealTenantSecret: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "reason": "incident 4711: the pod cannot log in"
         *     }
         */
        'application/json': components['schemas']['RevealSecret'];
      };
    };
    responses: {
      /** @description The whole secret. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "ref": "tenants/acme-corp/db",
           *       "version": 2,
           *       "host": "10.0.0.12",
           *       "port": 5432,
           *       "database": "tenants",
           *       "schema": "tenant_acme_corp",
           *       "sslmode": "verify-full",
           *       "username": "tenant_acme_corp__b",
           *       "generation": 1,
           *       "password": null,
           *       "url": null
           *     }
           */
          'application/json': components['schemas']['RevealedSecret'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `tenant-state` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`, `secret-missing`, `secret-corrupt` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `secrets-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  rotateLogin: {
    parameters: {
      query?: {
        /**
         * @description Answers with the plan and its live checks, and runs nothing.
         * @example true
         */
        dryRun?: boolean;
      };
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "graceMs": 3600000,
         *       "settleMs": 60000
         *     }
         */
        'application/json': components['schemas']['RotateLogin'];
      };
    };
    responses: {
      /** @description The dry run: the plan and what the live checks say. Nothing was done. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "steps": [
           *         {
           *           "number": 1,
           *           "name": "create-role-and-schema",
           *           "description": "Create the roles and the schema \"tenant_acme_corp\" on the cluster \"shared-1\".",
           *           "pointOfNoReturn": false
           *         }
           *       ],
           *       "findings": [],
           *       "decision": {
           *         "tier": "shared",
           *         "constraints": {
           *           "labels": {
           *             "region": "eu-central-1"
           *           }
           *         },
           *         "askedFor": null,
           *         "chosen": "shared-1",
           *         "because": "the only one that fits",
           *         "considered": [
           *           {
           *             "clusterId": "shared-1",
           *             "tenants": 120,
           *             "room": 1880,
           *             "refusal": null
           *           },
           *           {
           *             "clusterId": "shared-us",
           *             "tenants": 3,
           *             "room": null,
           *             "refusal": {
           *               "code": "constraint-broken",
           *               "because": "shared-us breaks the constraint region=eu-central-1: it has us-east-1.",
           *               "details": {
           *                 "label": "region",
           *                 "wanted": "eu-central-1",
           *                 "found": "us-east-1"
           *               }
           *             }
           *           }
           *         ]
           *       },
           *       "wouldStart": true
           *     }
           */
          'application/json': components['schemas']['OperationPlan'];
        };
      };
      /** @description It was started. */
      202: {
        headers: {
          Location: components['headers']['Location'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *       "kind": "provision-tenant",
           *       "tenantId": "acme-corp",
           *       "clusterIds": [
           *         "shared-1"
           *       ],
           *       "state": "running",
           *       "reason": null,
           *       "error": null,
           *       "cancelRequestedAt": null,
           *       "requestedBy": "key:bootstrap-0a1b2c3d4e5f",
           *       "steps": [],
           *       "result": null,
           *       "nextAttemptAt": null,
           *       "createdAt": "2026-11-21T09:30:00.000Z",
           *       "startedAt": "2026-11-21T09:30:00.010Z",
           *       "endedAt": null
           *     }
           */
          'application/json': components['schemas']['Operation'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found`, `plan-not-found`, `cluster-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use`, `tenant-state`, `move-open`, `operation-in-progress` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `preflight-failed` */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`, `secret-missing`, `secret-corrupt` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `secrets-unavailable`, `cluster-unreachable`, `database-unavailable`, `queue-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listClients: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Everybody who is seen now. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "clients": [
           *         {
           *           "client": "web-7f6b",
           *           "username": "tenant_acme_corp__b",
           *           "generation": 1,
           *           "readyFor": null,
           *           "firstSeenAt": "2026-11-21T09:30:00.000Z",
           *           "lastSeenAt": "2026-11-21T09:40:00.000Z",
           *           "expiresAt": "2026-11-21T09:45:00.000Z"
           *         }
           *       ],
           *       "sessions": [
           *         {
           *           "slot": "b",
           *           "application": "web",
           *           "sessions": 4
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['ClientList'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found`, `cluster-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal`, `secret-missing` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable`, `cluster-unreachable`, `database-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  reportClient: {
    parameters: {
      query?: never;
      header?: {
        /**
         * @description The same key and request give the same answer again; another request with it a 409.
         * @example a1b2c3
         */
        'Idempotency-Key'?: string;
      };
      path: {
        /**
         * @description 3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.
         * @example acme-corp
         */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        /**
         * @example {
         *       "client": "web-7f6b",
         *       "username": "tenant_acme_corp__b",
         *       "generation": 1
         *     }
         */
        'application/json': components['schemas']['ReportClient'];
      };
    };
    responses: {
      /** @description The report as it is kept. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "client": "web-7f6b",
           *       "username": "tenant_acme_corp__b",
           *       "generation": 1,
           *       "readyFor": null,
           *       "firstSeenAt": "2026-11-21T09:30:00.000Z",
           *       "lastSeenAt": "2026-11-21T09:40:00.000Z",
           *       "expiresAt": "2026-11-21T09:45:00.000Z"
           *     }
           */
          'application/json': components['schemas']['ClientReport'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `tenant-not-found` */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency-key-reused`, `idempotency-key-in-use` */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `body-too-large` */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unsupported-media-type` */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  listAnnouncements: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All of them; mostly none. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "items": [
           *         {
           *           "tenantId": "acme-corp",
           *           "operationId": "0192f3a4-5b6c-7d8e-9f00-112233445566",
           *           "from": {
           *             "host": "10.0.0.12",
           *             "port": 5432,
           *             "database": "tenants",
           *             "schema": "tenant_acme_corp",
           *             "username": "tenant_acme_corp__a",
           *             "sslmode": "verify-full",
           *             "generation": 1
           *           },
           *           "to": {
           *             "host": "10.0.0.47",
           *             "port": 5432,
           *             "database": "tenants",
           *             "schema": "tenant_acme_corp",
           *             "username": "tenant_acme_corp__a",
           *             "sslmode": "verify-full",
           *             "generation": 2
           *           },
           *           "announcedAt": "2026-11-21T09:30:00.000Z"
           *         }
           *       ]
           *     }
           */
          'application/json': components['schemas']['AnnouncementList'];
        };
      };
      /** @description `invalid-request`, `invalid-name` */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `forbidden` */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited` */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `internal` */
      500: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `catalog-unavailable` */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
}
