import type { DynamicModule } from '@nestjs/common';
import { pino } from 'pino';
import { apiPorts } from '../api-ports.js';
import { createApi } from '../create-api.js';
import { openApiDocument } from './openapi-document.js';

/** `openapi.json` as it is checked in. The document comes from the routes alone: behind the ports is nothing. */
export async function documentText(): Promise<string> {
  const module: DynamicModule = {
    module: class NoPorts {},
    providers: apiPorts.map((port) => ({ provide: port, useValue: {} })),
    exports: [...apiPorts],
  };
  const { app, routes } = await createApi(module, {
    log: pino({ level: 'silent' }),
    requestsPerMinute: 1,
    trustedProxies: [],
  });
  try {
    return `${JSON.stringify(openApiDocument(routes), null, 2)}\n`;
  } finally {
    await app.close();
  }
}
