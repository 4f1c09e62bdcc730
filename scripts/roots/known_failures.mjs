/** Tests that fail by a fault of an MPI, or of Node.js: which, how, and why. They do not make a run red. */

/**
 * @typedef {import('./results.mjs').Failure} Failure
 * @typedef {{ why: string, link?: string }} Reason where its authors know of it: the link
 */

/** @type {(Reason & { mpi: RegExp, test: RegExp, message: RegExp })[]} */
const known = [];

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
