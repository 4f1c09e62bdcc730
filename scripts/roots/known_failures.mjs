/** Tests that fail by a fault of an MPI, or of Node.js: which, how, and why. They do not make a run red. */

/**
 * @typedef {import('./results.mjs').Failure} Failure
 * @typedef {{ why: string, link?: string }} Reason where its authors know of it: the link
 */

/** @type {(Reason & { mpi: RegExp, test: RegExp, message: RegExp })[]} */
const known = [
  {
    mpi: /^MPICH 4\.2\.1$/,
    test: /^a job with busy workers: mpich static › ends when its master gets SIGHUP$/,
    message: /not\.toBe\(expected\)/,
    why: 'its mpiexec loses the status; that of a C program whose rank 0 ends by SIGHUP, too, in 3 of 24 runs',
    link: 'https://github.com/pmodels/mpich/issues/7057',
  },
  {
    mpi: /^MPICH 5\.0\.2\b/,
    test: /^on several hosts › mpich spawned/,
    message: /./,
    why:
      'over TCP a spawned process ends by an assertion of UCX 1.23 (ucp_request.c, ucs_async_check_owner_thread); ' +
      'that of a C program that does nothing but spawn, too, in 4 of 4 runs. The same check, elsewhere:',
    link: 'https://github.com/open-mpi/ompi/issues/13347',
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
