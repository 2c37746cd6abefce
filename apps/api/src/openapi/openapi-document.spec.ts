import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCodes } from '@berth/domain';
import { FakeClusterProbe, FakeJobQueue, FakeOperationDesk, FakeSecretStore, InMemoryCatalog } from '@berth/testing';
import { inputSchemas, outputSchemas } from '../http/dto.js';
import { problemDto } from '../problem/problem.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';
import { documentText } from './document-text.js';

type Json = Readonly<Record<string, unknown>>;
interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly example?: unknown; readonly in: string }[];
  readonly requestBody?: { readonly content: Json };
  readonly responses: Readonly<
    Record<
      string,
      { readonly content?: Readonly<Record<string, { readonly example?: unknown; readonly examples?: Json }>> }
    >
  >;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Json;
    readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
  };
}

let api: TestApi;
let document: Document;

beforeAll(async () => {
  const catalog = new InMemoryCatalog();
  const desk = new FakeOperationDesk(catalog);
  api = await startTestApi({
    ...catalog,
    desk,
    probe: new FakeClusterProbe(),
    queue: new FakeJobQueue(),
    secrets: new FakeSecretStore(),
  });
  document = JSON.parse((await api.call('GET', '/docs/openapi.json', { key: null })).text) as Document;
});
afterAll(() => api.close());

const operations = (): readonly (readonly [string, Operation])[] =>
  Object.entries(document.paths).flatMap(([at, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${at}`, operation] as const),
  );

describe('the OpenAPI document', () => {
  it('is checked in as it is served: after a change run "npm run openapi"', async () => {
    const checkedIn = await readFile(path.resolve(import.meta.dirname, '../../openapi.json'), 'utf8');
    expect(checkedIn === (await documentText())).toBe(true);
    expect(JSON.parse(checkedIn)).toEqual(document);
  });

  it('has every route, each with a name of its own', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(operations()).toHaveLength(api.routes.routes.length);
    const names = operations().map(([, { operationId }]) => operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has an example for every parameter, body and answer', () => {
    const without = operations().flatMap(([name, { parameters, requestBody, responses }]) => {
      const contents = [requestBody?.content, ...Object.values(responses).map(({ content }) => content)].flatMap(
        (content) => Object.entries(content ?? {}),
      );
      const bare = contents.filter(
        ([, content]) => !('example' in (content as Json)) && !('examples' in (content as Json)),
      );
      return [
        ...parameters
          .filter((parameter) => parameter.example === undefined)
          .map((parameter) => `${name} ${parameter.name}`),
        ...bare.map(([type]) => `${name} ${type}`),
      ];
    });
    expect(without).toEqual([]);
  });

  it('has examples that their own schemas take', () => {
    for (const registry of [inputSchemas, outputSchemas]) {
      for (const schema of registry._idmap.values()) {
        const named = registry.get(schema)!;
        const parsed = (schema as typeof problemDto).safeParse(named.example);
        expect({ id: named.id, issues: parsed.error?.issues }).toEqual({ id: named.id, issues: undefined });
      }
    }
    for (const { path: at, method, description } of api.routes.routes) {
      const { parameters } = document.paths[at.replace(/:(\w+)/g, '{$1}')]![method.toLowerCase()]!;
      for (const { name, in: place, example } of parameters) {
        if (place === 'header') continue;
        const { shape } = description[place as 'path' | 'query'] as unknown as {
          shape: Record<string, typeof problemDto>;
        };
        expect({ name, issues: shape[name]?.safeParse(String(example)).error?.issues }).toEqual({
          name,
          issues: undefined,
        });
      }
    }
  });

  it('has a problem for every error code, whose references all lead somewhere', () => {
    expect(Object.keys(document.components.examples).sort()).toEqual(Object.keys(errorCodes).sort());
    for (const { value } of Object.values(document.components.examples)) problemDto.parse(value);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)].map(
      ([, pointer]) => pointer ?? '',
    );
    expect(references.length).toBeGreaterThan(300);
    const lost = [...new Set(references)].filter(
      (pointer) =>
        pointer
          .split('/')
          .slice(1)
          .reduce<unknown>((at, key) => (at as Json | undefined)?.[key], document) === undefined,
    );
    expect(lost).toEqual([]);
  });
});

describe('/docs', () => {
  it('works without any other server', async () => {
    const page = await api.call('GET', '/docs', { key: null });
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.text).not.toMatch(/https?:\/\//);
    expect(page.headers['content-security-policy']).toContain("connect-src 'self'");
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '');
    expect(parts).toHaveLength(3);
    for (const url of parts) {
      const part = await api.call('GET', url, { key: null });
      expect({ url, status: part.status, empty: part.text.length < 50 }).toEqual({ url, status: 200, empty: false });
    }
  });
});
