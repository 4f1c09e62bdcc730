/** Callbacks of futures for the values that their tasks report while they run. Most futures have none, and no field for them. */

import { AsyncResource } from 'node:async_hooks';

import { describeThrown } from '../describe_thrown.js';

/** Called with each value, and the future. The return value is ignored, except for a promise that rejects. */
export type ProgressCallback<V, F> = (value: V, future: F) => unknown;

/** A callback, called in the asynchronous context in which it was registered. */
class Listener extends AsyncResource {
  readonly #fn: ProgressCallback<never, never>;

  constructor(fn: ProgressCallback<never, never>) {
    super('FutureProgress', { requireManualDestroy: true });
    this.#fn = fn;
  }

  call(value: unknown, future: object): void {
    this.runInAsyncScope(call, undefined, this.#fn, value, future);
  }
}

interface Listened {
  cancelled(): boolean;
}

const listeners = new WeakMap<object, Listener[]>();

/** Calls `fn` from now on with each value that the task of the future reports. */
export function listenToProgress(future: object, fn: ProgressCallback<never, never>): void {
  const known = listeners.get(future);
  if (known === undefined) listeners.set(future, [new Listener(fn)]);
  else known.push(new Listener(fn));
}

/** True if somebody would hear of a value. */
export function isListenedTo(future: object): boolean {
  return listeners.has(future);
}

/**
 * Passes on a value to the callbacks of the future, in order, when the current code has ended. Values that came together with
 * this one may have made a callback cancel the future, and then nobody wants this one.
 */
export function passOnProgress(future: Listened, value: unknown): void {
  const known = listeners.get(future);
  if (known === undefined) return;
  queueMicrotask(() => {
    for (const listener of known) if (!future.cancelled()) listener.call(value, future);
  });
}

/** Reports an error as a warning: nobody awaits a callback. */
export function warnOfProgress(what: string, error: unknown): void {
  process.emitWarning(what, { type: 'ProgressCallbackWarning', detail: describeThrown(error) });
}

function call(fn: ProgressCallback<never, never>, value: unknown, future: object): void {
  try {
    const result = fn(value as never, future as never);
    if (result instanceof Promise) result.catch(warn);
  } catch (error) {
    warn(error);
  }
}

function warn(error: unknown): void {
  warnOfProgress('A progress callback of a future threw', error);
}
