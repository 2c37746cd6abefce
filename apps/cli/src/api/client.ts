import { randomUUID } from 'node:crypto';
import createClient, { type Client } from 'openapi-fetch';
import { CommandFault, exitCodes, type ExitCode } from '../exit-codes.js';
import type { components, paths } from '../generated/api.js';

export type Schemas = components['schemas'];
export type Operation = Schemas['Operation'];
export type OperationPlan = Schemas['OperationPlan'];
export type Tenant = Schemas['Tenant'];
export type Move = Schemas['Move'];
export type MoveEvidence = Schemas['MoveEvidence'];
type Problem = Schemas['Problem'];

export interface Connection {
  /** `http://127.0.0.1:21873`, without a slash at the end. */
  readonly address: string;
  readonly key: string;
  /** What to type when nobody answers there. */
  readonly hintWhenDown: string;
}

export interface ApiClient extends Client<paths> {
  readonly connection: Connection;
}

const changing = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Types and paths come from the API's own OpenAPI document. */
export function apiClient(connection: Connection): ApiClient {
  const client = createClient<paths>({
    baseUrl: connection.address,
    headers: { authorization: `Bearer ${connection.key}` },
    fetch: (request) => persistentFetch(request, connection),
  });
  client.use({
    onRequest: ({ request }) => {
      // A repeated request with the same key gets the first one's answer: safe to send again after a lost connection.
      if (changing.has(request.method)) request.headers.set('idempotency-key', randomUUID());
      return request;
    },
  });
  return Object.assign(client, { connection });
}

async function persistentFetch(request: Request, connection: Connection): Promise<Response> {
  try {
    return await fetch(request.clone());
  } catch (error) {
    if (request.signal.aborted) throw error;
    if (causeCode(error) !== 'ECONNRESET' && causeCode(error) !== 'UND_ERR_SOCKET')
      throw unreachable(connection, error);
    return await fetch(request).catch((again: unknown) => {
      throw unreachable(connection, again);
    });
  }
}

function causeCode(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
}

export function unreachable({ address, hintWhenDown }: Connection, error: unknown): CommandFault {
  const code = causeCode(error);
  const why = code === 'ECONNREFUSED' ? 'nothing listens there' : typeof code === 'string' ? code : 'no answer';
  return new CommandFault(
    exitCodes.unhealthy,
    `The API at ${address} cannot be reached: ${why}.`,
    hintWhenDown,
    'api-unreachable',
  );
}

interface Answered<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The body of a good answer. @throws CommandFault with the problem's own sentence and hint */
export async function answer<T>(call: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  throw faultOf(error, response);
}

/** As {@link answer}, and undefined where the thing is not there. */
export async function answerOrNone<T>(call: Promise<Answered<T>>): Promise<T | undefined> {
  const { data, error, response } = await call;
  if (response.ok) return data;
  if (response.status === 404) return undefined;
  throw faultOf(error, response);
}

export function faultOf(error: unknown, response: Response): CommandFault {
  const problem = isProblem(error) ? error : undefined;
  if (problem === undefined) {
    const sentence = `The API answered ${String(response.status)} ${response.statusText} and no problem document.`;
    return new CommandFault(exitCodes.unhealthy, sentence, `Is ${new URL(response.url).origin} the API of Berth?`);
  }
  return new CommandFault(exitCodeOf(problem.status), problem.detail, problem.hint, problem.code, problem.details);
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'detail' in value && 'code' in value;
}

function exitCodeOf(status: number): ExitCode {
  if (status === 503) return exitCodes.unhealthy;
  return status >= 500 || status === 429 ? exitCodes.failed : exitCodes.usage;
}
