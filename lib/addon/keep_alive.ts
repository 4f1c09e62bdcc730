/** Keeps the program running while answers are outstanding, and the MPI thread looking for them. */

import type { Addon } from './addon.js';
import { perProcess } from './per_process.js';

type KeepingAlive = Pick<Addon, 'hold' | 'expect'>;

const reasons = perProcess('keep alive', () => ({ held: 0 }));

/** One reason to go on; to be given back by {@link release}. */
export function hold(addon: KeepingAlive): void {
  if (reasons.held++ > 0) return;
  addon.hold(true);
  addon.expect(true);
}

/** Gives back one reason. With the last one the program may end, and the MPI thread sleeps. */
export function release(addon: KeepingAlive): void {
  if (--reasons.held > 0) return;
  addon.hold(false);
  addon.expect(false);
}
