/**
 * Which MPI this is. Its ABI, and with it the file of the addon, is another matter: how processes are started and spawned, what
 * ends them and what hangs is a matter of the implementation, which the library itself tells at run time.
 */

/** Those that this package knows the ways of. MPICH stands for its descendants, too: Intel MPI, Cray's, MVAPICH. */
export type Implementation = 'openmpi' | 'mpich';

/** All of them, as `MPI_FUTURES_MPI` names them. */
export const implementations: readonly Implementation[] = ['openmpi', 'mpich'];

/** How they are called in messages. */
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
  /** null: one that this package does not know. */
  readonly implementation: Implementation | null;
  /** Of its version; 0 where it does not say. */
  readonly major: number;
  /** All that it says. */
  readonly version: string;
}

const marks: readonly (readonly [Implementation, RegExp])[] = [
  ['openmpi', /Open MPI v?(\d+)/],
  // Intel's library says "Intel(R) MPI Library 2021.13", Cray's "MPI VERSION : CRAY MPICH version 8.1", others "MPICH Version: 4.2".
  ['mpich', /(?:MPICH|MVAPICH\d?|Intel\(R\) MPI Library)\s*(?:version)?\s*:?\s*(\d+)?/i],
];

/** @param text - what MPI_Get_library_version gives */
export function describeLibrary(text: string): MpiLibrary {
  for (const [implementation, mark] of marks) {
    const found = mark.exec(text);
    if (found !== null) return { implementation, major: Number(found[1] ?? 0), version: text };
  }
  return { implementation: null, major: 0, version: text };
}
