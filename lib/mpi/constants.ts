/** Ranks and tags with a meaning of their own. */

/** A source that stands for any sender. */
export const ANY_SOURCE = -1;

/** A tag that stands for any tag. */
export const ANY_TAG = -1;

/**
 * A destination or source that stands for no process. A send to it completes at once, and so does a receive, with
 * `null`.
 */
export const PROC_NULL = -2;

/**
 * The largest tag of a message. Users' tags travel inside packets, so the limit of MPI's own tags does not apply to
 * them.
 */
export const largestTag = 2 ** 31 - 1;
