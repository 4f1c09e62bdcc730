/** Counts the operations that go on in all communicators. */

let pending = 0;
let waiting: (() => void)[] = [];

/** To be followed by one {@link operationEnds}. */
export function operationBegins(): void {
  pending++;
}

/** The operation has settled. With the last one {@link whenIdle} resolves. */
export function operationEnds(): void {
  if (--pending > 0) return;
  for (const resolve of waiting) resolve();
  waiting = [];
}

/** Resolved when all operations have ended. */
export function whenIdle(): Promise<void> {
  if (pending === 0) return Promise.resolve();
  return new Promise((resolve) => waiting.push(resolve));
}
