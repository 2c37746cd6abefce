export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

const codes: Readonly<Record<Colour, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

export type Paint = (colour: Colour, text: string) => string;

/** Colour goes to a person's terminal only: never into a file, a pipe, or where NO_COLOR is set. */
export function paintFor(stream: { readonly isTTY?: boolean }, noColour: boolean): Paint {
  if (stream.isTTY !== true || noColour) return (_colour, text) => text;
  return (colour, text) => {
    const [open, close] = codes[colour];
    return `\u001b[${String(open)}m${text}\u001b[${String(close)}m`;
  };
}

// eslint-disable-next-line no-control-regex -- the escape character is what starts a colour
const escapes = /\u001b\[[0-9;]*m/g;

/** How many columns a text takes on the screen. */
export function shownWidth(text: string): number {
  return [...text.replace(escapes, '')].length;
}

/** Cuts a text to one row of the screen: a wrapped line could not be taken back. Without a known width 120 columns. */
export function fitRow(text: string, columns: number | undefined): string {
  // Terminals without a size say 0.
  const room = (columns === undefined || columns === 0 ? 120 : columns) - 1;
  if (shownWidth(text) <= room) return text;
  return `${[...text.replace(escapes, '')].slice(0, room - 1).join('')}…`;
}
