/** Shows maps on stderr: a bar on a terminal, elsewhere a line now and then. */

import { clearLine, cursorTo } from 'node:readline';
import type { Writable } from 'node:stream';

import type { MapProgress, ShowProgress } from './map_progress.js';
import { progressLine, progressSentence } from './progress_text.js';

/**
 * The columns of the terminal that the command `mpi-futures -n N` writes to: the stderr of its ranks is a pipe to mpiexec, and
 * ends there all the same.
 */
export const columnsVariable = 'MPI_FUTURES_COLUMNS';

/** Milliseconds between two lines where there is no terminal: they grow up to the second. */
const firstPause = 10_000;
const longestPause = 60_000;

/** A function that shows one map on stderr. */
export function showOnStderr(): ShowProgress {
  const columns = columnsOfTerminal();
  return columns === undefined ? showLines() : showBar(columns);
}

function columnsOfTerminal(): (() => number) | undefined {
  const { stderr } = process;
  if (stderr.isTTY) return () => stderr.columns || 80;
  const columns = Number(process.env[columnsVariable]);
  return columns >= 1 ? () => columns : undefined;
}

/** A line at growing intervals, and one at the end. */
export function showLines(write: (text: string) => void = writeToStderr): ShowProgress {
  let next = firstPause;
  return (progress) => {
    if (!progress.ended && progress.elapsed < next) return;
    while (next <= progress.elapsed) next += Math.min(next, longestPause);
    write(`${progressSentence(progress)}\n`);
  };
}

/** The maps that are shown as bars, in the order in which they began. Only the first one has the line. */
const shown: { latest: MapProgress | undefined }[] = [];

/** A bar on the last line of the terminal, which stays where it is when the map has ended. */
export function showBar(columns: () => number, write = writeToStderr): ShowProgress {
  const own: { latest: MapProgress | undefined } = { latest: undefined };
  shown.push(own);
  const terminal = { write } as unknown as Writable;
  return (progress) => {
    own.latest = progress;
    if (progress.ended) {
      shown.splice(shown.indexOf(own), 1);
      draw(terminal, progress, columns(), '\n');
    }
    const first = shown[0]?.latest;
    if (first !== undefined && (first === progress || progress.ended)) draw(terminal, first, columns(), ''); // prettier-ignore
  };
}

function draw(terminal: Writable, progress: MapProgress, columns: number, after: string): void {
  cursorTo(terminal, 0);
  clearLine(terminal, 0);
  terminal.write(`${progressLine(progress, columns)}${after}`);
}

/** Writes as `console.error` does: a stderr that is closed, or a full disk, does not end the program. */
function writeToStderr(text: string): void {
  const { stderr } = process;
  const ignore = (): void => undefined;
  stderr.once('error', ignore);
  try {
    stderr.write(text, () => {
      stderr.off('error', ignore);
    });
  } catch {
    stderr.off('error', ignore);
  }
}
