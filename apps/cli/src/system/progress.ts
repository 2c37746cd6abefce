/** What a start or a stop does now: sent from the supervisor to whoever shows it, over a pipe as well. */
export type SystemEvent =
  | { readonly kind: 'phase'; readonly name: string; readonly state: 'begun' }
  | {
      readonly kind: 'phase';
      readonly name: string;
      readonly state: 'done';
      readonly ms: number;
      readonly detail: string;
    }
  | { readonly kind: 'phase'; readonly name: string; readonly state: 'failed' }
  /** Where a phase is, drawn below its line while it runs. */
  | { readonly kind: 'phase'; readonly name: string; readonly state: 'going'; readonly text: string }
  | { readonly kind: 'note'; readonly text: string };

export type Tell = (event: SystemEvent) => void;

/** Runs one phase and tells its begin, its end and how long it took. The work may answer a detail worth showing. */
export async function phase<T>(
  tell: Tell,
  name: string,
  work: () => Promise<T>,
  detail?: (result: T) => string,
): Promise<T> {
  const started = performance.now();
  tell({ kind: 'phase', name, state: 'begun' });
  try {
    const result = await work();
    const ms = Math.round(performance.now() - started);
    tell({ kind: 'phase', name, state: 'done', ms, detail: detail?.(result) ?? '' });
    return result;
  } catch (error) {
    tell({ kind: 'phase', name, state: 'failed' });
    throw error;
  }
}
