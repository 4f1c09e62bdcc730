/** Identifies the space in which process ids are valid: a host, or a container of it that has ids of its own. */

import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

import { isSwitchedOff } from './switched_off.js';

/**
 * Returns a text that is the same in two processes that can name each other by their ids. Undefined where they are to act as
 * if on different hosts.
 */
export function processSpace(): string | undefined {
  if (isSwitchedOff('MPI_FUTURES_SHARED_MEMORY')) return undefined;
  try {
    const kernel = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${kernel} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname(); // no Linux, or no /proc
  }
}
