/** Waits for all. */

import { collective } from './collective.js';
import type { Handle } from '../handle.js';

export function barrier(handle: Handle): Promise<void> {
  // That all have agreed is all there is to do.
  return collective(handle, 'barrier', () => ({ terms: {}, proceed: () => undefined }));
}
