// The server under measurement, in a process of its own: node api-server.ts bare|berth <catalog url> <key>. Prints its port.
import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { Controller, Get, Module, Param, Query, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { apiPorts, createApi } from '@berth/api';
import { CatalogModule } from '@berth/catalog';
import type { TenantId } from '@berth/domain';
import { ApiKeyCatalog, OperationCatalog, PlacementCatalog, RequestCounter, TenantCatalog } from '@berth/ports';
import { MemoryRequestCounter } from '@berth/rate-limiter';
import { createLogger } from '@berth/telemetry';
import { pino } from 'pino';

/** The same reads, and nothing around them: no key, no limit, no log, no check. */
@Controller('v1/tenants')
class BareController {
  constructor(
    private readonly tenants: TenantCatalog,
    private readonly placements: PlacementCatalog,
    private readonly operations: OperationCatalog,
  ) {}

  @Get()
  list(@Query('limit') limit: string) {
    return this.tenants.list({}, { limit: Number(limit) });
  }

  @Get(':id')
  async get(@Param('id') id: string) {
    const tenantId = id as TenantId;
    const [tenant, placements, { items }] = await Promise.all([
      this.tenants.get(tenantId),
      this.placements.history(tenantId),
      this.operations.list({ tenantId }, { limit: 1 }),
    ]);
    return { ...tenant, placements, lastOperation: items[0] ?? null };
  }
}

@Module({})
class BareModule {
  static over(catalog: DynamicModule): DynamicModule {
    return { module: BareModule, imports: [catalog], controllers: [BareController] };
  }
}

@Module({})
class PartsModule {
  /** What reading does not touch stands empty. */
  static over(catalog: DynamicModule): DynamicModule {
    const ofCatalog = new Set<unknown>(catalog.exports);
    const unused = apiPorts.filter((port) => !ofCatalog.has(port) && port !== RequestCounter);
    const counter = { provide: RequestCounter, useValue: new MemoryRequestCounter() };
    return {
      module: PartsModule,
      global: true,
      imports: [catalog],
      providers: [counter, ...unused.map((token) => ({ provide: token, useValue: {} }))],
      exports: [catalog.module, RequestCounter, ...unused],
    };
  }
}

async function start(kind: string, url: string, key: string): Promise<NestFastifyApplication> {
  const catalog = CatalogModule.forRoot({ url });
  if (kind === 'bare') {
    return NestFactory.create<NestFastifyApplication>(BareModule.over(catalog), new FastifyAdapter(), {
      logger: false,
    });
  }
  const log = createLogger(
    { name: 'api', level: 'info' },
    pino.destination({ dest: '/dev/null', sync: false, minLength: 4096 }),
  );
  const { app } = await createApi(PartsModule.over(catalog), {
    log,
    requestsPerMinute: 1_000_000_000,
    trustedProxies: [],
  });
  const hash = createHash('sha256').update(key).digest('hex');
  const keys = app.get(ApiKeyCatalog, { strict: false });
  if ((await keys.findByHash(hash)) === null) {
    await keys.create({ id: 'bench', name: 'bench', scopes: ['tenants:read'], tenantId: null, expiresAt: null }, hash);
  }
  return app;
}

const [kind = '', url = '', key = ''] = process.argv.slice(2);
const app = await start(kind, url, key);
await app.listen(0, '127.0.0.1');
process.stdout.write(`${new URL(await app.getUrl()).port}\n`);
process.on('SIGTERM', () => process.exit(0));
process.on('message', (asked) => {
  if (asked === 'usage after a collection') global.gc?.();
  const { user, system } = process.cpuUsage();
  process.send?.({ residentBytes: process.memoryUsage().rss, cpuSeconds: (user + system) / 1e6 });
});
