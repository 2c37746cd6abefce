import { z } from 'zod';
import type { ErrorCode } from '@berth/domain';
import { inputSchemas, outputSchemas, type NamedSchema } from '../http/dto.js';
import type { AnswerDescription, RouteDescription } from '../http/route.js';
import type { RouteTable, TableRoute } from '../http/route-table.js';
import { titleOf, type problemDto } from '../problem/problem.js';
import { problemStatus } from '../problem/problem-status.js';

type Json = Readonly<Record<string, unknown>>;

/** Answers of any route: who asks, how often, what is asked, and our own faults. */
const problemsOfAll: readonly ErrorCode[] = [
  'invalid-request',
  'invalid-name',
  'unauthenticated',
  'forbidden',
  'rate-limited',
  'internal',
  'catalog-unavailable',
];
const problemsOfWrites: readonly ErrorCode[] = [
  'idempotency-key-reused',
  'idempotency-key-in-use',
  'body-too-large',
  'unsupported-media-type',
];

const text = { type: 'string' };
const answerHeaders: Json = {
  Location: {
    description: 'Where the new object or the operation is.',
    schema: text,
    example: '/v1/operations/0192f3a4-5b6c-7d8e-9f00-112233445566',
  },
  ETag: {
    description: 'The version that If-Match takes, and a hash of the body.',
    schema: text,
    example: '"3-1f2e3d4c5b6a7988"',
  },
  'X-Request-Id': {
    description: 'The log knows the request by it.',
    schema: text,
    example: '0b0d3a3e-6a8f-4f5e-9c0e-1f6a0d4f7f4f',
  },
  RateLimit: {
    description: 'Requests left (`r`) and seconds until all are back (`t`).',
    schema: text,
    example: '"key";r=1199;t=60',
  },
};

/** The OpenAPI 3.1 document, from the routes as they are served and the schemas that validate them. */
export function openApiDocument(table: RouteTable): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of table.routes) {
    const path = route.path.replace(/:([A-Za-z]+)/g, '{$1}');
    (paths[path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Berth',
      version: '1.0.0',
      description:
        'A storage control plane for SaaS products on PostgreSQL. Anything long answers 202 with an operation: watch it at its Location. `?dryRun=true` answers with the plan and runs nothing. Errors are RFC 9457 problems with a stable `code`.',
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    tags: [...new Set(table.routes.map(({ path }) => tagOf(path)))].sort().map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'berth_<43 characters>', description: 'An API key.' },
      },
      schemas: { ...componentsOf(inputSchemas, 'input'), ...componentsOf(outputSchemas, 'output') },
      headers: answerHeaders,
      examples: Object.fromEntries(
        Object.keys(problemStatus).map((code) => [code, { value: exampleProblem(code as ErrorCode) }]),
      ),
    },
  };
}

function operationOf({ method, path, scopes, description }: TableRoute): Json {
  const write = method !== 'GET';
  return {
    operationId: description.id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    summary: description.summary,
    description: `${description.description ?? `${description.summary}.`}\n\nScope: ${scopes.map((scope) => `\`${scope}\``).join(' or ')}.`,
    tags: [tagOf(path)],
    'x-berth-scopes': scopes,
    parameters: [
      ...parametersOf('path', description.path),
      ...parametersOf('query', description.query),
      ...headersOf(description, write),
    ],
    ...(description.body !== undefined && {
      requestBody: { required: true, content: { 'application/json': contentOf(description.body, inputSchemas) } },
    }),
    responses: { ...answersOf(description), ...problemsOf(description, write) },
  };
}

function tagOf(path: string): string {
  const parts = path.split('/');
  return parts.includes('moves') ? 'moves' : (parts[2] ?? 'berth');
}

function parametersOf(place: 'path' | 'query', schema: z.ZodType | undefined): readonly Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, example, ...rest }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
    ...(example !== undefined && { example }),
  }));
}

/** As RFC 9110 writes it. */
const entityTag = '(?:W/)?"[!#-~\\u0080-\\u00ff]*"';

function headersOf(description: RouteDescription, write: boolean): readonly Json[] {
  const header = (name: string, text: string, schema: Json, example: string) => ({
    name,
    in: 'header',
    required: false,
    description: text,
    schema,
    example,
  });
  const tag = { type: 'string' };
  const tags = { type: 'string', pattern: `^(?:\\*|${entityTag}(?:, *${entityTag})*)$` };
  return [
    ...(write
      ? [
          header(
            'Idempotency-Key',
            'The same key and request give the same answer again; another request with it a 409.',
            { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
            'a1b2c3',
          ),
        ]
      : []),
    ...(description.ifMatch
      ? [header('If-Match', 'The ETag of what was seen; 412 when it changed since.', tags, '"3-1f2e3d4c5b6a7988"')]
      : []),
    ...(!write && description.answers[200]?.headers?.includes('ETag')
      ? [header('If-None-Match', 'An ETag; 304 when nothing changed.', tag, '"3-1f2e3d4c5b6a7988"')]
      : []),
    ...(description.id === 'watch-operation'
      ? [header('Last-Event-ID', 'Id of the last event that was seen.', tag, '7')]
      : []),
  ];
}

function answersOf(description: RouteDescription): Json {
  const notModified = description.answers[200]?.headers?.includes('ETag')
    ? { 304: { description: 'Nothing changed since that ETag.' } }
    : {};
  return {
    ...Object.fromEntries(Object.entries(description.answers).map(([status, answer]) => [status, answerOf(answer)])),
    ...notModified,
  };
}

function answerOf({ description, schema, headers = [], contentType = 'application/json' }: AnswerDescription): Json {
  const shown = [...headers, 'X-Request-Id', 'RateLimit'];
  return {
    description,
    headers: Object.fromEntries(shown.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    ...(schema !== null && { content: { [contentType]: contentOf(schema, outputSchemas) } }),
  };
}

/** Every problem that the route may answer. */
export function problemCodesOf(description: RouteDescription, write: boolean): readonly ErrorCode[] {
  return [...new Set([...problemsOfAll, ...(write ? problemsOfWrites : []), ...description.problems])];
}

function problemsOf(description: RouteDescription, write: boolean): Json {
  const codes = problemCodesOf(description, write);
  const byStatus = groupByStatus(codes, description);
  return Object.fromEntries(
    [...byStatus].sort().map(([status, those]) => [
      status,
      {
        description: those.map((code) => `\`${code}\``).join(', '),
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: Object.fromEntries(those.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
          },
        },
      },
    ]),
  );
}

function groupByStatus(codes: readonly ErrorCode[], description: RouteDescription): ReadonlyMap<number, ErrorCode[]> {
  const groups = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const status = description.id === 'register-cluster' && code === 'cluster-unreachable' ? 422 : problemStatus[code];
    groups.set(status, [...(groups.get(status) ?? []), code]);
  }
  return groups;
}

function exampleProblem(code: ErrorCode): z.output<typeof problemDto> {
  return {
    type: `urn:berth:problem:${code}`,
    title: titleOf(code),
    status: problemStatus[code],
    detail: `${titleOf(code)}.`,
    code,
    instance: 'urn:uuid:0b0d3a3e-6a8f-4f5e-9c0e-1f6a0d4f7f4f',
  };
}

type Registry = typeof inputSchemas;

function contentOf(schema: z.ZodType, registry: Registry): Json {
  const named: NamedSchema | undefined = registry.get(schema);
  if (named !== undefined) return { schema: { $ref: `#/components/schemas/${named.id}` }, example: named.example };
  const { example, ...rest } = schemaOf(schema, 'output');
  return { schema: rest, ...(example !== undefined && { example }) };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, override: loosen(io) });
  return rest;
}

function componentsOf(registry: Registry, io: 'input' | 'output'): Json {
  const { schemas } = z.toJSONSchema(registry, { io, uri: (id) => `#/components/schemas/${id}`, override: loosen(io) });
  return Object.fromEntries(
    Object.entries(schemas)
      .sort(byName)
      .map(([id, { $schema: _schema, $id: _id, ...rest }]) => [id, rest]),
  );
}

/** Answers may get more fields later: a client must not refuse them. What callers send is held to its fields. */
function loosen(io: 'input' | 'output') {
  return ({ jsonSchema }: { jsonSchema: { additionalProperties?: unknown; propertyNames?: unknown } }): void => {
    if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  };
}

/** The order in which modules were loaded must not show in the document. */
function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}
