/** What goes wrong in decoding. */

import { DataCloneError, ModuleLoadError } from '../../errors.js';

/** What is thrown for bytes that no encoder has written. */
export function damaged(reason: string, cause?: unknown): DataCloneError {
  return new DataCloneError(
    `The encoded value is damaged: ${reason}`,
    cause === undefined ? undefined : { cause },
  );
}

/** What `call` returns. That it throws does not mean that bytes are damaged: it is not of this package. */
export function ofUser<T>(what: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    if (cause instanceof DataCloneError || cause instanceof ModuleLoadError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DataCloneError(`${what} failed: ${message}`, { cause });
  }
}
