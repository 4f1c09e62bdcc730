/** Tells if a process that has said hello runs on this host. */

import { hostname } from 'node:os';

import type { Doorbell } from '../tasks/addresses.js';

/** Compares doorbells. Where there are none (macOS), the name of the host decides. */
export function isOnThisHost({ host, doorbell }: { host: string; doorbell: Doorbell }): boolean {
  return doorbell[0] === '' && host === hostname();
}
