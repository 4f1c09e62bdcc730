/** The lines by which lib/cli/probe.ts reports to the doctor; later lines add to earlier ones. */

import type { Implementation } from '../../addon/implementation.js';

/** Precedes each line. Under mpiexec, stdout may also have other text. */
export const probeMark = 'mpi-futures-probe ';

/** The steps that a probe has finished so far. The fields of later steps are missing. */
export interface ProbeReport {
  /** The addon's file, which was loaded. */
  addon?: string;
  /** True for an addon that came with the package. */
  isPrebuilt?: boolean;
  implementation?: Implementation | null;
  /** The result of MPI_Get_library_version. */
  library?: string;
  /** MPI_THREAD_SINGLE … MPI_THREAD_MULTIPLE as 0 … 3. */
  threadLevel?: number;
  /** 0 where MPI does not know it. */
  universeSize?: number;
  worldSize?: number;
  /** False where this MPI says that it cannot start processes. Known only under a launcher. */
  canSpawn?: boolean;
  /** The number of workers of a pool without `maxWorkers`. */
  defaultWorkers?: number;
  /** The number of workers that have answered. */
  workers?: number;
  /** Milliseconds from the start of the workers until the first task was done. */
  milliseconds?: number;
  error?: { code: string | null; message: string };
}

/** Reads a probe's stdout, which may be cut off. */
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
