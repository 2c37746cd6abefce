import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { RequireScope, Route, describeRoute } from './route.js';
import { RouteTable } from './route-table.js';

const described = describeRoute({ id: 'get-it', summary: 'Get it', boundKeys: 'open', answers: {}, problems: [] });

@Controller('v1/things')
class CarelessController {
  @Get('fine')
  @RequireScope('admin')
  @Route(described)
  fine(): void {}

  @Get('open-to-all')
  @Route(described)
  openToAll(): void {}

  @Get('undescribed')
  @RequireScope('admin')
  undescribed(): void {}

  @Get('bare')
  bare(): void {}
}

@Module({ controllers: [CarelessController] })
class CarelessModule {}

describe('the boot', () => {
  it('fails for every route without a scope or a description, all named at once', async () => {
    const routes = new RouteTable();
    const adapter = new FastifyAdapter();
    adapter.getInstance<FastifyInstance>().addHook('onRoute', (options) => routes.add(options));
    const app = await NestFactory.create<NestFastifyApplication>(CarelessModule, adapter, { logger: false });
    await app.init();
    expect(() => routes.verify()).toThrow(
      [
        'The API cannot start:',
        '  GET /v1/things/open-to-all names no scope',
        '  GET /v1/things/undescribed is not described',
        '  GET /v1/things/bare names no scope',
        '  GET /v1/things/bare is not described',
      ].join('\n'),
    );
    await app.close();
  });
});
