import { z } from 'zod';
import { BerthError, parseTenantId, type TenantId } from '@berth/domain';

/** Schemas by their name in the OpenAPI document, with an example that a test holds against them. */
export interface NamedSchema {
  readonly id: string;
  readonly example: unknown;
}
export const inputSchemas = z.registry<NamedSchema>();
export const outputSchemas = z.registry<NamedSchema>();

/** Names a body that callers send. */
export function input<S extends z.ZodType>(id: string, schema: S, example: z.input<S>): S {
  inputSchemas.add(schema, { id, example });
  return schema;
}

/** Names a body that the API answers. */
export function output<S extends z.ZodType>(id: string, schema: S, example: z.output<S>): S {
  outputSchemas.add(schema, { id, example });
  return schema;
}

/** A tenant id in a path, a query or a body: the one rule of the domain, with its own words. */
export const tenantIdField = z
  .string()
  .superRefine((text, context) => {
    try {
      parseTenantId(text);
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      context.addIssue({ code: 'custom', message: error.message, params: { code: error.code, hint: error.hint } });
    }
  })
  .meta({
    description: '3 to 40 characters: a-z, 0-9, single inner hyphens, starting with a letter.',
    minLength: 3,
    maxLength: 40,
    pattern: '^[a-z](?:[a-z0-9]|-(?=[a-z0-9]))*$',
    example: 'acme-corp',
  }) as unknown as z.ZodType<TenantId, string>;

/** Names of clusters and plans: they become parts of paths and of secret refs. */
export const nameField = z
  .string()
  .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/)
  .max(60)
  .meta({ description: 'a-z, 0-9 and single inner hyphens, starting with a letter.', example: 'shared-1' });

export const uuidField = z.guid().meta({ example: '0192f3a4-5b6c-7d8e-9f00-112233445566' });

export const timeField = z.iso.datetime().meta({ example: '2026-11-21T09:30:00.000Z' });

export const reasonField = z.string().trim().min(1).max(500).meta({
  pattern: '\\S',
  description: 'Why: kept with the operation and shown to people.',
  example: 'contract ended',
});

export const labelsField = z
  .record(z.string().min(1).max(60), z.string().max(200))
  .refine((labels) => Object.keys(labels).length <= 50, 'has more than 50 labels')
  .meta({
    maxProperties: 50,
    description: 'Names and values, for example `region: eu-central-1`.',
    example: { region: 'eu-central-1' },
  });

const flag = z.stringbool({ truthy: ['true'], falsy: ['false'] });

export function flagField(description: string, example = true) {
  return flag.default(false).meta({ type: 'boolean', description, example, default: false });
}

export const dryRunQuery = z.strictObject({
  dryRun: flagField('Answers with the plan and its live checks, and runs nothing.'),
});

/** Where a list goes on. `example`: one that this list would give. */
function cursorField(example: string) {
  return z.string().min(1).max(1000).optional().meta({
    description: '`next` of the page before.',
    // Documented, and not checked here: the list says itself what is none of its own.
    pattern: '^[A-Za-z0-9_-]+$',
    example,
  });
}

/** `cursorExample`: a cursor of the list whose query it is. */
export const pageFieldsOf = (cursorExample: string) => ({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(50)
    .meta({ description: 'Most items of the page.', example: 50 }),
  cursor: cursorField(cursorExample),
});

/** What a catalog takes: a cursor that was not given is not there at all. */
export function pageRequest(query: { readonly limit: number; readonly cursor?: string | undefined }): {
  limit: number;
  cursor?: string;
} {
  return query.cursor === undefined ? { limit: query.limit } : { limit: query.limit, cursor: query.cursor };
}

export function pageOf<S extends z.ZodType>(id: string, item: S) {
  const { example } = outputSchemas.get(item) ?? { example: {} };
  return output(
    id,
    z.object({
      items: z.array(item),
      next: z.string().nullable().meta({ description: 'The cursor of the next page; null: this was the last.' }),
    }),
    { items: [example as z.output<S>], next: null },
  );
}

export function time(date: Date): string {
  return date.toISOString();
}

export function timeOrNull(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}

/** Drops the fields that were not given: ports take absent ones, never undefined ones. */
export function given<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
