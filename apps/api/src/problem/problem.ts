import { z } from 'zod';
import { BerthError, type ErrorCode } from '@berth/domain';
import { output } from '../http/dto.js';
import { problemStatus } from './problem-status.js';

export const problemContentType = 'application/problem+json; charset=utf-8';

/** RFC 9457. */
export const problemDto = output(
  'Problem',
  z.object({
    type: z.string().meta({ description: 'A URI that names the kind of problem: `urn:berth:problem:<code>`.' }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().meta({ description: 'What happened, in a sentence.' }),
    code: z.string().meta({ description: 'Stable; what a program looks at.' }),
    hint: z.string().optional().meta({ description: 'What to type or do next.' }),
    details: z.record(z.string(), z.unknown()).optional().meta({ description: 'Facts for programs, by code.' }),
    instance: z.string().meta({ description: 'This very request; the log knows it by the id in it.' }),
  }),
  {
    type: 'urn:berth:problem:tenant-not-found',
    title: 'Tenant not found',
    status: 404,
    detail: 'There is no tenant "acme-corp".',
    code: 'tenant-not-found',
    hint: 'Type "berth tenants list" to see the tenants.',
    instance: 'urn:uuid:0b0d3a3e-6a8f-4f5e-9c0e-1f6a0d4f7f4f',
  },
);
export type Problem = z.output<typeof problemDto>;

/** Codes whose message is Berth's own sentence; an `internal` one may hold anything, so it is logged and not shown. */
export function problemOf(error: BerthError, requestId: string): Problem {
  const status = error instanceof UnfitCluster ? 422 : problemStatus[error.code];
  const hidden = error.code === 'internal';
  return {
    type: `urn:berth:problem:${error.code}`,
    title: titleOf(error.code),
    status,
    detail: hidden ? 'Something failed inside Berth.' : error.message,
    code: error.code,
    ...(hidden
      ? { hint: `Look for the request id ${requestId} in the log of the API.` }
      : {
          ...(error.hint !== undefined && { hint: error.hint }),
          ...(Object.keys(error.details).length > 0 && { details: error.details }),
        }),
    instance: `urn:uuid:${requestId}`,
  };
}

export function titleOf(code: ErrorCode): string {
  const words = code.replaceAll('-', ' ').replace(/\bapi\b/, 'API');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * A registration that its checks refuse. 422 whatever the finding is: elsewhere an unreachable cluster is a 503 that passes,
 * here it is what was sent that does not hold.
 */
export class UnfitCluster extends BerthError {}
