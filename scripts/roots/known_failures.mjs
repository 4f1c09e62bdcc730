/** Tests that fail by a fault of an MPI: which, why, and where its authors know of it. They do not make a run red. */

/** @typedef {{ why: string, link: string }} Reason */

/** @type {(Reason & { mpi: RegExp, test: RegExp })[]} */
const known = [
  {
    mpi: /^Open MPI 5\./,
    test: /spawned › ends while pools of its tasks compute/,
    why: 'its mpiexec crashes now and then ("LAUNCHER JOB OBJECT NOT FOUND") when what spawned processes have spawned ends with them',
    link: 'lifecycle.md#later-generations',
  },
  {
    mpi: /^Open MPI 6\./,
    test: /spawned › ends while pools of its tasks compute/,
    why: 'a job that ends while it is connected to another is a failure of both to its mpiexec',
    link: 'https://github.com/openpmix/prrte/pull/2716',
  },
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
