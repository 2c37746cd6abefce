/** As many at once as keep two cores busy: more only wait for each other, until what waits has waited too long. */
const width = 6;

/** `Promise.allSettled` of the act on each item, a few at a time. */
export async function inTurns<T, R>(
  items: readonly T[],
  act: (item: T) => Promise<R>,
): Promise<readonly PromiseSettledResult<R>[]> {
  const results: PromiseSettledResult<R>[] = [];
  const waiting = [...items.entries()];
  const take = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, item] = next;
      const [result] = await Promise.allSettled([act(item)]);
      results[index] = result;
    }
  };
  await Promise.all(Array.from({ length: width }, take));
  return results;
}
