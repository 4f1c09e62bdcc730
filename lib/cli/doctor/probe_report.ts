/** The lines by which lib/cli/probe.ts reports to the doctor; later ones add to earlier ones. */

import type { Implementation } from '../../addon/implementation.js';

/** In front of each part. Under mpiexec its stdout may have other text. */
export const probeMark = 'mpi-futures-probe ';

/** A probe's steps so far. Those that it did not reach are not there. */
export interface ProbeReport {
  /** The file that was loaded. */
  addon?: string;
  /** True for an addon that came with the package. */
  isPrebuilt?: boolean;
  implementation?: Implementation | null;
  /** MPI_Get_library_version. */
  library?: string;
  /** MPI_THREAD_SINGLE … MPI_THREAD_MULTIPLE as 0 … 3. */
  threadLevel?: number;
  /** 0 where it is not known. */
  universeSize?: number;
  worldSize?: number;
  /** The number of workers of a pool without `maxWorkers`. */
  defaultWorkers?: number;
  /** That have answered. */
  workers?: number;
  /** Until the first task was done, with the start of the workers. */
  milliseconds?: number;
  error?: { code: string | null; message: string };
}

/** Reads a probe's stdout, also one that was cut off. */
export function parseReport(stdout: string): ProbeReport {
  const parts = stdout
    .split('\n')
    .filter((line) => line.includes(probeMark))
    .map((line) => parsePart(line.slice(line.indexOf(probeMark) + probeMark.length)));
  return Object.assign({}, ...parts) as ProbeReport;
}

// A process that is killed may leave half a line.
function parsePart(text: string): ProbeReport {
  try {
    return JSON.parse(text) as ProbeReport;
  } catch {
    return {};
  }
}
