/** The errors of decoding. */

import { DataCloneError, ModuleLoadError } from '../../errors.js';

/** The error for bytes that no encoder wrote. */
export function damaged(reason: string, cause?: unknown): DataCloneError {
  return new DataCloneError(
    `The encoded value is damaged: ${reason}`,
    cause === undefined ? undefined : { cause },
  );
}

/** Calls code of the program, and returns its result. An error that it throws does not mean that bytes are damaged. */
export function ofUser<T>(what: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    if (cause instanceof DataCloneError || cause instanceof ModuleLoadError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DataCloneError(`${what} failed: ${message}`, { cause });
  }
}
