export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** 5 s: a source that takes longer is asked again, as whoever waits has a budget of its own. */
const longestMs = 5_000;

/**
 * One request by fetch. What fails is told by the address alone: headers and bodies carry credentials.
 * @throws an Error when nobody answers in time
 */
export async function askJson(
  address: URL,
  request: {
    readonly method?: 'GET' | 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: object;
    readonly signal: AbortSignal;
  },
): Promise<JsonAnswer> {
  const { method = 'GET', headers, body, signal } = request;
  const where = `${address.origin}${address.pathname}`;
  try {
    const response = await fetch(address, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(longestMs)]),
      redirect: 'error',
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : parsed(text) };
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly code?: unknown } };
    const why = typeof cause?.code === 'string' ? cause.code : (error as Error).name;
    throw new Error(`${method} ${where} got no answer: ${why}`, { cause: error });
  }
}

/** A field below a field of an answer that somebody else wrote. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (found, name) =>
      typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[name] : undefined,
    value,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
