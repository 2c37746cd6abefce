import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import type { DynamicModule } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Authentication } from './access/authenticate.js';
import { ApiModule, type ApiSettings } from './api.module.js';
import { AuditTrail } from './audit/audit-trail.js';
import { patientWith, usualPatience, type ClientPatience } from './http/client-faults.js';
import { installJsonBodies, largestBodyBytes } from './http/json-bodies.js';
import { installPipeline } from './http/pipeline.js';
import { newRequestContext } from './http/request-context.js';
import { RouteTable } from './http/route-table.js';
import { IdempotentWrites } from './idempotency/idempotent-writes.js';
import { installDocs } from './openapi/docs-pages.js';
import { ProblemFilter } from './problem.filter.js';
import { NestLog } from './telemetry/nest-log.js';
import { RequestTelemetry } from './telemetry/request-telemetry.js';

export interface Api {
  readonly app: NestFastifyApplication;
  readonly server: FastifyInstance;
  readonly routes: RouteTable;
}

export interface ServerSettings {
  /** Addresses of proxies whose `X-Forwarded-For` is believed; empty: nobody's. */
  readonly trustedProxies: readonly string[];
  /** Only tests change it. */
  readonly patience?: ClientPatience;
}

/** The whole API, ready to be asked (`server.inject`) or to listen. @throws Error naming every route without scope or description */
export async function createApi(ports: DynamicModule, settings: ApiSettings & ServerSettings): Promise<Api> {
  const routes = new RouteTable();
  const filter = new ProblemFilter(routes, settings.log);
  const adapter = new FastifyAdapter({
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit: largestBodyBytes,
    ...patientWith(settings.patience ?? usualPatience),
    trustProxy: settings.trustedProxies.length === 0 ? false : [...settings.trustedProxies],
    // Ends idle keep-alive connections at shutdown, so that it does not wait for browsers.
    forceCloseConnections: 'idle',
    // What the router itself refuses (an address that cannot be decoded) never meets a hook.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      request.berth = newRequestContext();
      filter.answer(error, request, reply);
    },
  });
  const server = adapter.getInstance<FastifyInstance>();
  server.addHook('onRoute', (options) => routes.add(options));
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.with(ports, settings), adapter, {
    bodyParser: false,
    logger: new NestLog(settings.log),
    abortOnError: false,
  });
  app.useGlobalFilters(filter);
  installJsonBodies(server);
  installPipeline(server, {
    authentication: app.get(Authentication),
    idempotency: app.get(IdempotentWrites),
    audit: app.get(AuditTrail),
    telemetry: app.get(RequestTelemetry),
  });
  installDocs(server, routes);
  await app.init();
  routes.verify();
  await server.ready();
  return { app, server, routes };
}
