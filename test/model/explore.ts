/** One thing that may happen next, as a line of a trace. */
export interface Move<State> {
  readonly line: string;
  readonly to: State;
  /** Something breaks: it may happen, and nothing may wait for it. */
  readonly fault?: true;
}

export interface Model<State> {
  readonly start: State;
  readonly moves: (state: State) => readonly Move<State>[];
  /** Equal for equal states, and only for those. */
  readonly keyOf: (state: State) => string;
  /** What is wrong with a state, as a sentence; null: nothing. */
  readonly wrongWith: (state: State) => string | null;
  /** Nothing more has to happen. */
  readonly isEnd: (state: State) => boolean;
}

export interface Finding {
  readonly wrong: string;
  /** The shortest way there: one line for each thing that happened. */
  readonly trace: readonly string[];
}

export interface Exploration {
  readonly states: number;
  readonly ends: number;
  readonly found: Finding | null;
}

/** Every state that was reached and how it was reached first, which is also the shortest way. */
class Reached<State> {
  /** Those that are still to be looked at; null: that has been done. */
  readonly states: (State | null)[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #cameFrom: number[] = [];
  readonly #lines: string[] = [];

  constructor(private readonly keyOf: (state: State) => string) {}

  add(state: State, cameFrom: number, line: string): number {
    const key = this.keyOf(state);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.states.push(state) - 1;
    this.#numbers.set(key, number);
    this.#cameFrom.push(cameFrom);
    this.#lines.push(line);
    return number;
  }

  take(number: number): State | null {
    const state = this.states[number] ?? null;
    if (state !== null) this.states[number] = null;
    return state;
  }

  traceTo(number: number): readonly string[] {
    const lines: string[] = [];
    for (let at = number; at > 0; at = this.#cameFrom[at] ?? 0) lines.unshift(this.#lines[at] ?? '');
    return lines;
  }
}

/** Which states follow each other without a fault, as pairs of numbers. */
interface Steps {
  readonly from: number[];
  readonly to: number[];
}

/**
 * Looks at every state that can be reached from the start, breadth first, and ends at the first one that something is wrong with.
 * If there is none it looks for a state from which no end can be reached although nothing more breaks.
 */
export function explore<State>({ start, moves, keyOf, wrongWith, isEnd }: Model<State>): Exploration {
  const reached = new Reached<State>(keyOf);
  const steps: Steps = { from: [], to: [] };
  const ends: number[] = [];
  const answer = (found: Finding | null): Exploration => ({ states: reached.states.length, ends: ends.length, found });
  reached.add(start, 0, '');
  let number = 0;
  for (let state = reached.take(number); state !== null; state = reached.take(number)) {
    const wrong = wrongWith(state);
    if (wrong !== null) return answer({ wrong, trace: reached.traceTo(number) });
    if (isEnd(state)) ends.push(number);
    for (const { line, to, fault } of moves(state)) {
      const next = reached.add(to, number, line);
      if (fault === true) continue;
      steps.from.push(number);
      steps.to.push(next);
    }
    number += 1;
  }
  const stuck = firstThatCannotEnd(number, steps, ends);
  if (stuck === null) return answer(null);
  return answer({ wrong: 'No end can be reached from here any more.', trace: reached.traceTo(stuck) });
}

/** Goes back from the ends until nobody new is met; the first one that was not met cannot get there. */
function firstThatCannotEnd(states: number, { from, to }: Steps, ends: readonly number[]): number | null {
  const canEnd = new Uint8Array(states);
  for (const end of ends) canEnd[end] = 1;
  for (let met = true; met;) {
    met = false;
    // States are numbered in the order in which they were reached: from behind, most of the way is one pass.
    for (let step = from.length - 1; step >= 0; step -= 1) {
      if (canEnd[to[step] ?? 0] === 0 || canEnd[from[step] ?? 0] === 1) continue;
      canEnd[from[step] ?? 0] = 1;
      met = true;
    }
  }
  const stuck = canEnd.indexOf(0);
  return stuck < 0 ? null : stuck;
}
