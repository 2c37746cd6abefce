import { describeRoute } from '../http/route.js';
import { apiKeyDto, apiKeyListQuery, apiKeyPage, apiKeyPath, createApiKeyBody, newApiKeyDto } from './api-key.dto.js';

export const createApiKey = describeRoute({
  id: 'create-api-key',
  summary: 'Create an API key; it is shown once',
  boundKeys: 'refused',
  body: createApiKeyBody,
  answersSecret: true,
  answers: { 201: { description: 'The key, this once.', schema: newApiKeyDto, headers: ['Location'] } },
  problems: [],
});

export const listApiKeys = describeRoute({
  id: 'list-api-keys',
  summary: 'List API keys, without the keys themselves',
  boundKeys: 'refused',
  query: apiKeyListQuery,
  answers: { 200: { description: 'A page.', schema: apiKeyPage } },
  problems: ['invalid-cursor'],
});

export const getApiKey = describeRoute({
  id: 'get-api-key',
  summary: 'Show an API key, without the key itself',
  boundKeys: 'refused',
  path: apiKeyPath,
  answers: { 200: { description: 'The key’s record.', schema: apiKeyDto, headers: ['ETag'] } },
  problems: ['api-key-not-found'],
});

export const revokeApiKey = describeRoute({
  id: 'revoke-api-key',
  summary: 'Revoke an API key; it stops with the next request',
  description: 'Other API processes of the same system follow within a second.',
  boundKeys: 'refused',
  path: apiKeyPath,
  answers: { 200: { description: 'It is revoked.', schema: apiKeyDto } },
  problems: ['api-key-not-found'],
});
