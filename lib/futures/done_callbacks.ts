import { inspect } from 'node:util';

/** Gets the future that is done; what it returns is ignored, except for a promise that rejects. */
export type DoneCallback<F> = (future: F) => unknown;

interface Due {
  readonly future: unknown;
  readonly callbacks: readonly DoneCallback<never>[];
}

// One microtask for all futures that settle together: many do, for results come in batches.
let due: Due[] = [];

/** Calls back, in order, when the code that runs now has ended; one that throws is a warning. */
export function callBackSoon(future: unknown, callbacks: readonly DoneCallback<never>[]): void {
  if (due.length === 0) queueMicrotask(callBack);
  due.push({ future, callbacks });
}

function callBack(): void {
  const now = due;
  due = [];
  for (const { future, callbacks } of now) {
    for (const callback of callbacks) {
      try {
        const result = callback(future as never);
        if (result instanceof Promise) result.catch(warn);
      } catch (error) {
        warn(error);
      }
    }
  }
}

function warn(error: unknown): void {
  const options = { type: 'DoneCallbackWarning', detail: inspect(error) };
  process.emitWarning('A done callback of a future threw', options);
}
