import type { FastifyRequest } from 'fastify';
import { BerthError } from '@berth/domain';
import { z } from 'zod';
import type { Caller } from '../access/caller.js';
import { ifMatchOf } from './etag.js';
import type { RouteDescription, RouteInput } from './route.js';

export interface FieldFault {
  /** For example `body.limits.connectionLimit`, `query.limit`. */
  readonly field: string;
  readonly message: string;
  readonly code?: string;
}

const nothing = z.strictObject({});
/** No schema of ours is a third as deep; without an end, a body of brackets alone would use up the stack. */
const deepest = 16;
/** A body of nothing but unknown fields would be answered with thirty times its size. */
const mostFaults = 50;
const places = ['path', 'query', 'body'] as const;

/** Path, query and body at once: the answer lists every fault of all three. @throws BerthError `invalid-request`, `invalid-name` */
export function validate(
  description: RouteDescription,
  request: FastifyRequest,
  caller: Caller,
): RouteInput<unknown, unknown, unknown> {
  const given = { path: request.params, query: request.query, body: request.body ?? {} };
  const faults: FieldFault[] = [];
  const values: Record<string, unknown> = {};
  for (const place of places) {
    // A route without a schema for its path has no parameter; one without a body takes an empty one.
    faults.push(...unstorable(place, given[place]));
    const parsed = (description[place] ?? nothing).safeParse(given[place]);
    if (parsed.success) values[place] = parsed.data;
    else faults.push(...parsed.error.issues.flatMap((issue) => faultsOf(place, issue)));
  }
  if (faults.length > 0) throw invalid(faults);
  const expectedVersion = description.ifMatch ? ifMatchOf(request.headers['if-match']) : undefined;
  return {
    path: values['path'],
    query: values['query'],
    body: values['body'],
    caller,
    address: request.ip,
    ...(expectedVersion !== undefined && { expectedVersion }),
  };
}

/** What JSON and JavaScript hold and PostgreSQL does not: NUL characters and halves of surrogate pairs, in values and names. */
function unstorable(field: string, value: unknown, depth = 0): readonly FieldFault[] {
  if (typeof value === 'string') {
    return isStorable(value) ? [] : [{ field, message: 'holds a character that cannot be stored' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (depth === deepest) return [{ field, message: `is nested deeper than ${String(deepest)} levels` }];
  return Object.entries(value).flatMap(([name, inner]) =>
    isStorable(name) ? unstorable(`${field}.${name.slice(0, 60)}`, inner, depth + 1) : unstorable(field, name),
  );
}

function isStorable(text: string): boolean {
  // By code points, so that whole pairs are no surrogates.
  return !/[\0\p{Surrogate}]/u.test(text);
}

function faultsOf(place: string, issue: z.core.$ZodIssue): readonly FieldFault[] {
  const field = [place, ...issue.path].join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ field: `${field}.${key.slice(0, 60)}`, message: 'is not a known field' }));
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined'))
    return [{ field, message: 'is missing' }];
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => ({ field, message }));
  const code: unknown = issue.code === 'custom' ? issue.params?.['code'] : undefined;
  return [{ field, message: issue.message, ...(typeof code === 'string' && { code }) }];
}

function invalid(all: readonly FieldFault[]): BerthError {
  const faults = all.slice(0, mostFaults);
  const names = faults.every(({ code }) => code === 'invalid-name');
  const shown = faults.map(({ field, message }) => `${field}: ${message}`).join('; ');
  const text = all.length > mostFaults ? `${shown}; and ${String(all.length - mostFaults)} more` : shown;
  return new BerthError(names ? 'invalid-name' : 'invalid-request', text, {
    ...(names && {
      hint: 'Use 3 to 40 characters: a-z, 0-9 and single hyphens inside, starting with a letter, for example "acme-corp".',
    }),
    details: { faults },
  });
}
