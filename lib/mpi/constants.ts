/** Ranks and tags with a meaning of their own. */

/** In place of a source: whoever sends. */
export const ANY_SOURCE = -1;

/** In place of a tag: whatever it is. */
export const ANY_TAG = -1;

/** In place of a destination or a source: nobody. A send to it is done at once, and so is a receive, with `null`. */
export const PROC_NULL = -2;

/** Of a message: users' tags travel inside of packets, so that the limit of MPI's own tags does not hold for them. */
export const largestTag = 2 ** 31 - 1;
