import 'reflect-metadata';
import { Controller, Get, Inject, Injectable, Module, Param, Post, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ClientTenants } from '@berth/testing';
import { currentTenant } from '../index.js';
import { Tenant, Tenants, TenantsModule } from './index.js';

/** A service of a product that is told of no tenant. */
@Injectable()
class Items {
  async names(): Promise<readonly string[]> {
    await new Promise((resolve) => setTimeout(resolve, 2));
    const { rows } = await currentTenant().query<{ name: string }>('SELECT name FROM item ORDER BY id');
    return rows.map(({ name }) => name);
  }
}

@Controller('items')
class ItemController {
  constructor(@Inject(Items) private readonly items: Items) {}

  @Get()
  async list(@Tenant() tenant: Tenant): Promise<object> {
    return { tenant: tenant.id, names: await this.items.names() };
  }

  @Post(':name')
  async add(@Tenant() tenant: Tenant, @Param('name') name: string): Promise<object> {
    await tenant.withTransaction((client) => client.query('INSERT INTO item (name) VALUES ($1)', [name]));
    return { names: await this.items.names() };
  }
}

@Controller('about')
class AboutController {
  @Get()
  about(): object {
    return { product: 'shop' };
  }
}

describe('the module for Nest', () => {
  let here: ClientTenants;
  let app: NestFastifyApplication;
  beforeAll(async () => {
    here = await ClientTenants.start();
    await here.add('acme');
    await here.add('bolt');
    const tenantOf = (request: unknown) =>
      (request as { headers: Record<string, string | undefined> }).headers['x-tenant'];
    @Module({
      imports: [TenantsModule.forRoot({ placement: here.source, tenantOf })],
      controllers: [ItemController, AboutController],
      providers: [Items],
    })
    class ShopModule {}
    app = await NestFactory.create<NestFastifyApplication>(ShopModule, new FastifyAdapter(), { logger: false });
    await app.init();
  });
  afterAll(async () => {
    await app?.close();
    await here?.stop();
  });

  const ask = async (url: string, tenant?: string, method: 'GET' | 'POST' = 'GET') => {
    const answer = await app.inject({ method, url, headers: tenant === undefined ? {} : { 'x-tenant': tenant } });
    return { status: answer.statusCode, body: JSON.parse(answer.body) as unknown };
  };

  it('gives each request its own tenant, also in what it calls, 400 of them at once', async () => {
    const asked = Array.from({ length: 400 }, (_, number) => (number % 2 === 0 ? 'acme' : 'bolt'));
    const answers = await Promise.all(asked.map((tenant) => ask('/items', tenant)));
    expect(answers).toEqual(asked.map((tenant) => ({ status: 200, body: { tenant, names: [tenant] } })));
    expect(await ask('/items/new', 'acme', 'POST')).toMatchObject({ status: 201, body: { names: ['acme', 'new'] } });
  });

  it('lets a request without a tenant through, and refuses it where one is needed', async () => {
    expect(await ask('/about')).toEqual({ status: 200, body: { product: 'shop' } });
    expect(await ask('/items')).toMatchObject({ status: 500 });
  });

  it('closes its connections with the application', async () => {
    expect(await here.sessions()).toBeGreaterThan(0);
    const tenants = (app as INestApplication).get(Tenants);
    await app.close();
    expect(await here.sessions()).toBe(0);
    await expect(tenants.query('acme', 'SELECT 1')).rejects.toMatchObject({ code: 'closed' });
  });
});
