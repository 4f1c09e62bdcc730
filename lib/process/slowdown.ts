/** How much longer than on an idle machine everything takes here. */

import { availableParallelism, loadavg } from 'node:os';

/** The processes that want a core, for each core; at least 1. */
export function slowdown(): number {
  return Math.max(1, loadavg()[0]! / availableParallelism());
}
