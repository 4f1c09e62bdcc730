/** Tells if a process that has introduced itself runs on this host. */

import { hostname } from 'node:os';

import type { Doorbell } from '../addon/addon.js';

/** For peers whose doorbell cannot be reached: where none can be shared (macOS), the name of the host has to do. */
export function isHere({ host, doorbell }: { host: string; doorbell: Doorbell }): boolean {
  return doorbell[0] === '' && host === hostname();
}
