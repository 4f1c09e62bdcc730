/** The doctor's report as text for people. */

import type { Finding } from './finding.js';
import { roomFor } from './findings/ways.js';
import type { WayThere } from './trials.js';

const widthOfLevel = 'warning'.length;
const widthOfId = 'thread-level'.length;

/** A line for each finding, followed by a line with the advice if there is any. */
export function textOf(findings: readonly Finding[]): string {
  return findings.map(lineOf).join('');
}

function lineOf({ level, id, text, advice }: Finding): string {
  const start = `${level.padEnd(widthOfLevel)}  ${id.padEnd(widthOfId)}  `;
  const line = `${start}${text}\n`;
  return advice === null ? line : `${line}${' '.repeat(start.length)}→ ${advice}\n`;
}

/** The last lines of the report. */
export function conclusion(ways: readonly WayThere[], usable: boolean): string {
  if (!usable && ways.some(({ works }) => works))
    return '\nNo pool of MPI processes works here until the errors above are corrected.\n';
  if (!usable)
    return '\nNo pool of MPI processes works here. ThreadPoolExecutor does, without MPI.\n';
  const lines = ways
    .filter(({ works }) => works)
    .map(
      ({ command, mpi, workers }) =>
        `  ${command}${mpi === null ? '' : `  (${mpi})`}: ${roomFor(workers)}\n`,
    );
  return `\nA pool works here by\n${lines.join('')}`;
}
