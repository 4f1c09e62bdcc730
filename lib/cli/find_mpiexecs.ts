/** Finds every mpiexec on PATH, and the MPI that each belongs to. */

import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

import type { Implementation } from '../addon/implementation.js';
import { runChild, withoutLauncher } from './child.js';

const names = ['mpiexec', 'mpiexec.openmpi', 'mpiexec.mpich', 'mpiexec.hydra'];

/** The packages of Debian and Ubuntu that have an mpiexec. */
export const packages: Readonly<Record<Implementation, string>> = {
  openmpi: 'openmpi-bin',
  mpich: 'mpich',
};

/** An mpiexec on PATH, with all its names. */
export interface FoundMpiexec {
  /** The paths on PATH, in that order; all are the same file. */
  readonly paths: readonly string[];
  /** null: an MPI that this package does not know, or mpiexec does not report it. */
  readonly implementation: Implementation | null;
  /** Empty if mpiexec does not report it. */
  readonly version: string;
}

/** @param deadline - milliseconds for each mpiexec to print its version */
export async function findMpiexecs(
  deadline: number,
  path = process.env.PATH ?? '',
): Promise<FoundMpiexec[]> {
  const byFile = new Map<string, string[]>();
  for (const directory of directoriesOf(path))
    for (const name of names) addTo(byFile, resolve(directory, name));
  return Promise.all(
    [...byFile.values()].map(async (paths) => ({
      paths,
      ...whose(await versionOf(paths[0]!, deadline)),
    })),
  );
}

// /bin is /usr/bin on many systems.
function directoriesOf(path: string): string[] {
  const byRealPath = new Map<string, string>();
  for (const directory of path.split(delimiter)) {
    try {
      const real = realpathSync(directory);
      if (!byRealPath.has(real)) byRealPath.set(real, directory);
    } catch {
      // PATH names a directory that does not exist.
    }
  }
  return [...byRealPath.values()];
}

// `mpiexec` is usually a link to one of the others.
function addTo(byFile: Map<string, string[]>, path: string): void {
  try {
    accessSync(path, constants.X_OK);
    if (!statSync(path).isFile()) return;
    const file = realpathSync(path);
    byFile.set(file, [...(byFile.get(file) ?? []), path]);
  } catch {
    // not there
  }
}

async function versionOf(mpiexec: string, deadline: number): Promise<string> {
  const { stdout, stderr } = await runChild(mpiexec, ['--version'], {
    deadline,
    env: withoutLauncher(process.env),
  });
  return `${stdout}\n${stderr}`;
}

/** The MPI and version of an mpiexec, read from the text of `mpiexec --version`. */
export function whose(text: string): { implementation: Implementation | null; version: string } {
  const implementation = /Open MPI|OpenRTE|PRRTE|prterun/i.test(text)
    ? 'openmpi'
    : /HYDRA|Intel\(R\) MPI|MVAPICH/i.test(text)
      ? 'mpich'
      : null;
  const version = /(?:Version:?|\)|PRRTE|Open MPI)\s*v?(\d+\.\d+[^\s,]*)/i.exec(text)?.[1] ?? '';
  return { implementation, version };
}
