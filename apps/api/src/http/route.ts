import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { ErrorCode } from '@berth/domain';
import type { Scope } from '@berth/ports';
import type { z } from 'zod';
import type { Caller } from '../access/caller.js';
import type { IfMatch } from './etag.js';

/**
 * What a key that is bound to a tenant meets here. `own-tenant`: the path's `tenantId` must be its own, else 404. `filtered`:
 * the handler narrows to its tenant. `open`: nothing here belongs to a tenant. `refused`: 403, this is the whole system's.
 */
export type BoundKeys = 'own-tenant' | 'filtered' | 'open' | 'refused';

export interface AnswerDescription {
  readonly description: string;
  /** Null: no body. */
  readonly schema: z.ZodType | null;
  readonly headers?: readonly ('Location' | 'ETag')[];
  readonly contentType?: string;
}

type NoFields = z.ZodObject<Record<never, z.ZodType>>;

/** Everything about a route that is checked, written down and shown: one description validates, documents and is audited. */
export interface RouteDescription<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
> {
  /** Verb-noun in kebab-case: the action in the audit log; in camel case the operationId of the OpenAPI document. */
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly boundKeys: BoundKeys;
  readonly path?: P;
  readonly query?: Q;
  readonly body?: B;
  /** True: takes `If-Match` with the version of what it changes. */
  readonly ifMatch?: true;
  /** True: its answer holds something shown once, which is not kept for a repeated Idempotency-Key. */
  readonly answersSecret?: true;
  /** True: what is admitted is a sign of life, every minute from every client, and would bury the audit log. */
  readonly auditedWhenRefused?: true;
  readonly answers: Readonly<Record<number, AnswerDescription>>;
  /** The problems of its own; those that any route may answer are added. */
  readonly problems: readonly ErrorCode[];
}

/** Types a description by its own schemas. */
export function describeRoute<
  P extends z.ZodType = NoFields,
  Q extends z.ZodType = NoFields,
  B extends z.ZodType = NoFields,
>(description: RouteDescription<P, Q, B>): RouteDescription<P, Q, B> {
  return description;
}

export interface RouteInput<P, Q, B> {
  readonly path: P;
  readonly query: Q;
  readonly body: B;
  readonly caller: Caller;
  /** What `If-Match` allows; absent: no condition. */
  readonly expectedVersion?: IfMatch;
  /** Where the request came from. */
  readonly address: string;
}

export type InputOf<R> =
  R extends RouteDescription<infer P, infer Q, infer B> ? RouteInput<z.output<P>, z.output<Q>, z.output<B>> : never;

/** What the hooks read at `request.routeOptions.config.berth`. Both decorators fill the same object. */
export interface RouteEntry {
  scopes: readonly Scope[];
  description: RouteDescription | undefined;
}

const entries = new WeakMap<object, RouteEntry>();

function entryOf(handler: object, target: object, key: string | symbol, descriptor: PropertyDescriptor): RouteEntry {
  const known = entries.get(handler);
  if (known !== undefined) return known;
  const entry: RouteEntry = { scopes: [], description: undefined };
  entries.set(handler, entry);
  RouteConfig({ berth: entry })(target, key, descriptor);
  return entry;
}

/** Names the scope that the route needs; of several, any one. The boot fails for a route without. */
export function RequireScope(...scopes: readonly [Scope, ...Scope[]]) {
  return (target: object, key: string | symbol, descriptor: PropertyDescriptor): void => {
    entryOf(descriptor.value as object, target, key, descriptor).scopes = scopes;
  };
}

/** Describes the handler, and makes the compiler compare its input with the description. */
export function Route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  description: RouteDescription<P, Q, B>,
) {
  return <H extends (input: RouteInput<z.output<P>, z.output<Q>, z.output<B>>, ...rest: never[]) => unknown>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    entryOf(descriptor.value as object, target, key, descriptor).description = description;
  };
}

/** The validated input of the request. */
export const Input = createParamDecorator((_: unknown, context: ExecutionContext): unknown => {
  return context.switchToHttp().getRequest<FastifyRequest>().berth.input;
});
