/**
 * The MPI implementation, such as Open MPI. How processes are started and spawned, what ends them and what hangs
 * depends on it; the library itself names it at run time. The ABI, and with it the file of the addon, is another
 * matter: see abi.ts.
 */

/** The implementations that this package knows. `mpich` includes MPICH's descendants: Intel MPI, Cray's, MVAPICH. */
export type Implementation = 'openmpi' | 'mpich';

/** All implementations, as `MPI_FUTURES_MPI` names them. */
export const implementations: readonly Implementation[] = ['openmpi', 'mpich'];

/** The names of the implementations in messages. */
export const implementationNames: Readonly<Record<Implementation, string>> = {
  openmpi: 'Open MPI',
  mpich: 'MPICH',
};

/** True for a value that `MPI_FUTURES_MPI` may have. */
export function isImplementation(word: string): word is Implementation {
  return (implementations as readonly string[]).includes(word);
}

/** An MPI library as it describes itself. */
export interface MpiLibrary {
  /** `null` if this package does not know it. */
  readonly implementation: Implementation | null;
  /** The major version; 0 where the library does not say. */
  readonly major: number;
  /** The full text that the library gives as its version. */
  readonly version: string;
}

const marks: readonly (readonly [Implementation, RegExp])[] = [
  ['openmpi', /Open MPI v?(\d+)/],
  // Intel's library says "Intel(R) MPI Library 2021.13", Cray's "MPI VERSION : CRAY MPICH version 8.1", others "MPICH Version: 4.2".
  ['mpich', /(?:MPICH|MVAPICH\d?|Intel\(R\) MPI Library)\s*(?:version)?\s*:?\s*(\d+)?/i],
];

/** @param text - the result of MPI_Get_library_version */
export function describeLibrary(text: string): MpiLibrary {
  for (const [implementation, mark] of marks) {
    const found = mark.exec(text);
    if (found !== null) return { implementation, major: Number(found[1] ?? 0), version: text };
  }
  return { implementation: null, major: 0, version: text };
}
