/** One listener for each AbortSignal, however many tasks have it: thousands of listeners would be a warning and a leak. */

/** A target of an abort, which it is told of once. */
export interface Abortable {
  abort(reason: unknown): void;
}

interface Listening {
  readonly targets: Set<Abortable>;
  readonly listener: () => void;
}

const listening = new WeakMap<AbortSignal, Listening>();

/** Tells `target` when the signal, which is not aborted yet, is; to be taken back by {@link stopListening}. */
export function listen(signal: AbortSignal, target: Abortable): void {
  let entry = listening.get(signal);
  if (entry === undefined) {
    entry = startListening(signal);
    listening.set(signal, entry);
  }
  entry.targets.add(target);
}

/** The target has no interest any more. The listener goes with the last of them. */
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
