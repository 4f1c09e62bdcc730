/** Whether anything goes on, in any communicator. */

let pending = 0;
let waiting: (() => void)[] = [];

export function operationBegins(): void {
  pending++;
}

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
