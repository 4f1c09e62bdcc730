import { AsyncResource } from 'node:async_hooks';

import { describeThrown } from '../describe_thrown.js';

/** Called with the future that is done. The return value is ignored, except for a promise that rejects. */
export type DoneCallback<F> = (future: F) => unknown;

/** A callback of the program, called in the asynchronous context in which it was registered. */
export class CallbackInContext extends AsyncResource {
  readonly #fn: DoneCallback<never>;

  constructor(fn: DoneCallback<never>) {
    super('FutureCallback', byHand);
    this.#fn = fn;
  }

  /** Calls the function. An error that it throws is reported in its context, too. */
  call(future: unknown): void {
    this.runInAsyncScope(call, undefined, this.#fn, future);
  }
}

// Otherwise Node.js would register each resource for garbage collection, which costs more than everything else here.
const byHand = { requireManualDestroy: true };

/** A function that is called when a future is done: one of this package, or one of the program. */
export type Callback<F> = DoneCallback<F> | CallbackInContext;

interface Due {
  readonly future: unknown;
  readonly callbacks: readonly Callback<never>[];
}

// One microtask serves all futures that settle together: results come in batches.
let due: Due[] = [];

/** Calls the callbacks, in order, when the current code has ended. An error that one throws becomes a warning. */
export function callBackSoon(future: unknown, callbacks: readonly Callback<never>[]): void {
  if (due.length === 0) queueMicrotask(callBack);
  due.push({ future, callbacks });
}

function callBack(): void {
  const now = due;
  due = [];
  for (const { future, callbacks } of now) {
    for (const callback of callbacks) {
      if (typeof callback === 'function') call(callback, future);
      else callback.call(future);
    }
  }
}

function call(callback: DoneCallback<never>, future: unknown): void {
  try {
    const result = callback(future as never);
    if (result instanceof Promise) result.catch(warn);
  } catch (error) {
    warn(error);
  }
}

function warn(error: unknown): void {
  const options = { type: 'DoneCallbackWarning', detail: describeThrown(error) };
  process.emitWarning('A done callback of a future threw', options);
}
