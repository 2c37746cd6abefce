import { asBerthError } from '@berth/domain';

/** What was read, or why it was not. */
export type Seen<T> = { readonly value: T } | { readonly fault: Fault };

export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** Longest time for one look at one part, in ms: a server that is silent keeps nobody from the others. */
const patienceMs = 30_000;

/** Looks, and takes whatever goes wrong for the answer. */
export async function look<T>(at: () => Promise<T>, forMs = patienceMs): Promise<Seen<T>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Seen<T>>((resolve) => {
    const message = `It did not answer within ${String(forMs / 1000)} s.`;
    timer = setTimeout(() => resolve({ fault: { code: 'too-slow', message, hint: null } }), forMs);
  });
  const answer = at().then(
    (value): Seen<T> => ({ value }),
    (error: unknown): Seen<T> => {
      const { code, message: sentence, hint } = asBerthError(error);
      return { fault: { code, message: sentence, hint: hint ?? null } };
    },
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The same on each, so many at a time, in their order. */
export async function onEach<T, R>(items: readonly T[], atOnce: number, act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of rest) results[index] = await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  return results;
}
