import { duration } from '../terminal/duration.js';

/** How often the screen looks at the writer: a wait brings no news of its own, and a person sees no more than some a second. */
const everyMs = 200;

/** Who knows the longest wait so far, the one under way included, in ms. */
interface Waiting {
  readonly pauseSoFarMs: number;
}

/**
 * Does the work, and tells beside where it is how long the writer has waited at most, again and again until the work has
 * ended: on the screen the pause grows while it lasts.
 */
export async function besideWriter<T>(
  writer: Waiting,
  going: (text: string) => void,
  work: (going: (text: string) => void) => Promise<T>,
): Promise<T> {
  let where = '';
  const tell = (): void => {
    // First: a narrow terminal cuts the end of the line. As wide as most waits are, so that the rest stands still.
    if (where !== '') going(`the writer waited ${duration(writer.pauseSoFarMs).padStart(6)} at most  ${where}`);
  };
  const timer = setInterval(tell, everyMs);
  try {
    return await work((text) => {
      where = text;
      tell();
    });
  } finally {
    clearInterval(timer);
  }
}
