/** Tests that fail by a fault of an MPI: which, why, and where its authors know of it. They do not make a run red. */

/** @typedef {{ why: string, link: string }} Reason */

/** @type {(Reason & { mpi: RegExp, test: RegExp })[]} */
const known = [
  {
    mpi: /^MPICH (4\.[2-9]|5)\./,
    test: /mpich static › (throws|rejects|exits|calls process\.exit).* while work is queued/,
    why: 'its mpiexec reports another status, now and then',
    link: 'https://github.com/pmodels/mpich/issues/7057',
  },
];

/**
 * @param {string} mpi with its version
 * @param {string} title
 * @returns {Reason | undefined}
 */
export function knownReason(mpi, title) {
  return known.find((entry) => entry.mpi.test(mpi) && entry.test.test(title));
}
