/** What lies at these names inside a parsed JSON text; undefined where something on the way is no object. */
export function at(body: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null ? (inner as Readonly<Record<string, unknown>>)[name] : undefined,
    body,
  );
}

export function textAt(body: unknown, ...names: readonly string[]): string {
  const found = at(body, ...names);
  return typeof found === 'string' ? found : '';
}

export function numberAt(body: unknown, ...names: readonly string[]): number {
  const found = at(body, ...names);
  return typeof found === 'number' ? found : 0;
}
