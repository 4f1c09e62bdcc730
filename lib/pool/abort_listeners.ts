/**
 * Adds only one listener to each AbortSignal, however many tasks have it: thousands of listeners would cause a warning
 * and a leak.
 */

/** Receives an abort, once. */
export interface Abortable {
  abort(reason: unknown): void;
}

interface Listening {
  readonly targets: Set<Abortable>;
  readonly listener: () => void;
}

const listening = new WeakMap<AbortSignal, Listening>();

/** Aborts `target` when the signal is aborted, which it must not be yet; {@link stopListening} undoes this. */
export function listen(signal: AbortSignal, target: Abortable): void {
  let entry = listening.get(signal);
  if (entry === undefined) {
    entry = startListening(signal);
    listening.set(signal, entry);
  }
  entry.targets.add(target);
}

/** Undoes {@link listen}. The listener is removed with the last target. */
export function stopListening(signal: AbortSignal, target: Abortable): void {
  const entry = listening.get(signal);
  if (entry?.targets.delete(target) !== true || entry.targets.size > 0) return;
  signal.removeEventListener('abort', entry.listener);
  listening.delete(signal);
}

function startListening(signal: AbortSignal): Listening {
  const targets = new Set<Abortable>();
  const listener = (): void => {
    listening.delete(signal);
    signal.removeEventListener('abort', listener);
    for (const target of targets) target.abort(signal.reason);
  };
  signal.addEventListener('abort', listener);
  return { targets, listener };
}
