/** Tests that fail by a fault of an MPI: which, how, and why. They do not make a run red. */

/**
 * @typedef {import('./results.mjs').Failure} Failure
 * @typedef {{ why: string, link?: string }} Reason where its authors know of it: the link
 */

/** @type {(Reason & { mpi: RegExp, test: RegExp, message: RegExp })[]} */
const known = [
  {
    // Without this package, too: ranks that call MPI_Finalize and then _exit, the first one last and with another status than 0.
    mpi: /^MPICH (4\.[2-9]|5)\./,
    test: /\bmpich static › .* ends with status [1-9]/,
    message:
      /^(UnexpectedEndError: )?Expected status [1-9]\d* but the program ended with status [09]( after \d+ ms)?$/,
    why: 'its mpiexec loses the status of a rank, and reports 0 or 9, when another rank has ended before it',
    link: 'https://github.com/pmodels/mpich/issues/7057',
  },
];

/**
 * @param {string} mpi with its version
 * @param {Failure} failure
 * @returns {Reason | undefined}
 */
export function knownReason(mpi, { title, message }) {
  return known.find(
    (entry) => entry.mpi.test(mpi) && entry.test.test(title) && entry.message.test(message),
  );
}
