/** A zero-based line and column, as V8 counts them. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const LINE_ENDS = /\r\n|[\n\r\u2028\u2029]/g;

/**
 * Converts between offsets in a text and V8's lines and columns. A script need not start at 0:0: `node:vm` can give its
 * first line any number, and shift the columns of that line.
 */
export class TextPositions {
  readonly #lineStarts: readonly number[];
  readonly #start: Position;

  constructor(text: string, start: Position) {
    const lineStarts = [0];
    for (const { 0: end, index } of text.matchAll(LINE_ENDS)) lineStarts.push(index + end.length);
    this.#lineStarts = lineStarts;
    this.#start = start;
  }

  /** The offset of a position; undefined if the text has no such line. */
  offsetOf({ line, column }: Position): number | undefined {
    const row = line - this.#start.line;
    const lineStart = this.#lineStarts[row];
    if (lineStart === undefined) return undefined;
    return lineStart + column - (row === 0 ? this.#start.column : 0);
  }

  positionOf(offset: number): Position {
    const row = lastAtOrBefore(this.#lineStarts, offset, (lineStart) => lineStart);
    const column = offset - this.#lineStarts[row]!;
    return {
      line: this.#start.line + row,
      column: column + (row === 0 ? this.#start.column : 0),
    };
  }
}

/** The index of the last of `items`, sorted by `offsetOf`, that is at or before `offset`; -1 if none is. */
export function lastAtOrBefore<T>(
  items: readonly T[],
  offset: number,
  offsetOf: (item: T) => number,
): number {
  let below = -1;
  let above = items.length;
  while (above - below > 1) {
    const middle = (below + above) >> 1;
    if (offsetOf(items[middle]!) <= offset) below = middle;
    else above = middle;
  }
  return below;
}
