/** Keeps the program running, and the MPI thread polling, while answers are outstanding. */

import type { Addon } from './addon.js';
import { perProcess } from './per_process.js';

type KeepingAlive = Pick<Addon, 'hold' | 'expect'>;

const reasons = perProcess('keep alive', () => ({ held: 0 }));

/** Adds one reason to keep running; {@link release} removes it. */
export function hold(addon: KeepingAlive): void {
  if (reasons.held++ > 0) return;
  addon.hold(true);
  addon.expect(true);
}

/** Removes one reason. After the last one, the program may end and the MPI thread sleeps. */
export function release(addon: KeepingAlive): void {
  if (--reasons.held > 0) return;
  addon.hold(false);
  addon.expect(false);
}
