import { randomUUID } from 'node:crypto';
import { Controller, Delete, Get, Post } from '@nestjs/common';
import { BerthError } from '@berth/domain';
import { ApiKeyCatalog } from '@berth/ports';
import { hashOfKey, newKey } from '../access/api-key-format.js';
import { KeyLookup } from '../access/key-lookup.js';
import { created, ok, type Answer } from '../http/answer.js';
import { pageRequest } from '../http/dto.js';
import { Input, RequireScope, Route, type InputOf } from '../http/route.js';
import { apiKeyBody } from './api-key.dto.js';
import * as routes from './api-key.routes.js';

@Controller('v1/api-keys')
export class ApiKeyController {
  constructor(
    private readonly keys: ApiKeyCatalog,
    private readonly lookup: KeyLookup,
  ) {}

  @Post()
  @RequireScope('admin')
  @Route(routes.createApiKey)
  async create(@Input() { body }: InputOf<typeof routes.createApiKey>): Promise<Answer> {
    const expiresAt = body.expiresAt === undefined ? null : new Date(body.expiresAt);
    if (expiresAt !== null && expiresAt.getTime() <= Date.now()) {
      throw new BerthError('invalid-request', 'body.expiresAt: is in the past', {
        details: { faults: [{ field: 'body.expiresAt', message: 'is in the past' }] },
      });
    }
    const key = newKey();
    const { name, scopes, tenantId = null } = body;
    const record = await this.keys.create(
      { id: randomUUID(), name, scopes: [...new Set(scopes)], tenantId, expiresAt },
      hashOfKey(key),
    );
    const shown = apiKeyBody(record);
    return created(`/v1/api-keys/${record.id}`, { ...shown, key }, { bodyToKeep: { ...shown, key: null } });
  }

  @Get()
  @RequireScope('admin')
  @Route(routes.listApiKeys)
  async list(@Input() { query }: InputOf<typeof routes.listApiKeys>): Promise<Answer> {
    const page = await this.keys.list(pageRequest(query));
    return ok({ items: page.items.map(apiKeyBody), next: page.next });
  }

  @Get(':keyId')
  @RequireScope('admin')
  @Route(routes.getApiKey)
  async get(@Input() { path }: InputOf<typeof routes.getApiKey>): Promise<Answer> {
    const key = await this.keys.get(path.keyId);
    if (key === null) throw apiKeyNotFound(path.keyId);
    return ok(apiKeyBody(key));
  }

  @Delete(':keyId')
  @RequireScope('admin')
  @Route(routes.revokeApiKey)
  async revoke(@Input() { path }: InputOf<typeof routes.revokeApiKey>): Promise<Answer> {
    if ((await this.keys.get(path.keyId)) === null) throw apiKeyNotFound(path.keyId);
    const revoked = await this.keys.revoke(path.keyId);
    this.lookup.forget();
    return ok(apiKeyBody(revoked));
  }
}

function apiKeyNotFound(id: string): BerthError {
  return new BerthError('api-key-not-found', `There is no API key ${id}.`, {
    hint: 'GET /v1/api-keys lists the keys.',
  });
}
