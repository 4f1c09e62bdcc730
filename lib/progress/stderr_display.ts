/** Shows maps on stderr: a bar on a terminal, elsewhere a line now and then. */

import { print } from '../print.js';
import type { MapProgress, ShowProgress } from './map_progress.js';
import { progressLine, progressSentence } from './progress_text.js';

/**
 * The columns of the terminal that the command `mpi-futures -n N` writes to. The stderr of its ranks is a pipe to mpiexec, which
 * prints there what they write.
 */
export const columnsVariable = 'MPI_FUTURES_COLUMNS';

/** Read early: the ranks take it out of their environment, as the stderr of what they start may be anything. */
const columnsOfCommand = Number(process.env[columnsVariable]);

/** Milliseconds between two lines where there is no terminal: first this, then longer and longer, up to the second figure. */
const firstPause = 10_000;
const longestPause = 60_000;

/** A function that shows one map on stderr. */
export function showOnStderr(): ShowProgress {
  const columns = columnsOfTerminal();
  return columns === undefined ? showLines() : showBar(columns);
}

function columnsOfTerminal(): (() => number) | undefined {
  if (process.stderr.isTTY) return () => columnsOfStderr()!;
  return columnsOfCommand >= 1 ? () => columnsOfCommand : undefined;
}

/** The columns of the terminal that stderr is; undefined if it is none. Some terminals do not say how many they have. */
export function columnsOfStderr(): number | undefined {
  const { isTTY, columns } = process.stderr;
  return isTTY ? columns || Number(process.env.COLUMNS) || 80 : undefined;
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

/** The last reports of the maps that are shown as bars, in the order in which these began. Only the first one has the line. */
const shown = new Map<ShowProgress, { readonly progress: MapProgress; readonly at: number }>();

/**
 * Milliseconds without a report after which a map leaves the line to others. While its calls run it reports each second:
 * this one waits for its sources or its reader, or was dropped in the middle.
 */
const longestSilence = 3000;

/** The cursor to the first column, and nothing in its line. */
const clearedLine = '\u001b[1G\u001b[2K';

/** A bar on the last line of the terminal, which stays where it is when the map has ended. */
export function showBar(columns: () => number, write = writeToStderr): ShowProgress {
  const line = (progress: MapProgress): string =>
    `${clearedLine}${progressLine(progress, columns())}`;
  const show: ShowProgress = (progress) => {
    const at = performance.now();
    for (const [map, latest] of shown) if (at - latest.at > longestSilence) shown.delete(map);
    if (progress.ended) shown.delete(show);
    else shown.set(show, { progress, at });
    const [first] = shown.values();
    if (progress.ended) write(`${line(progress)}\n${first ? line(first.progress) : ''}`);
    else if (first?.progress === progress) write(line(progress));
  };
  return show;
}

function writeToStderr(text: string): void {
  print(process.stderr, text);
}
