/** One sandbox of an isolated worker, as the master sees it (docs/design/isolation.md). */

import { SpawnError } from '../errors.js';
import { Condition } from '../futures/condition.js';
import type { SandboxEnd } from '../tasks/messages.js';

/** The life of one sandbox: it starts, runs, joins the pool, and ends once. */
export class Sandbox {
  /** Counts the sandboxes of one worker. */
  readonly number: number;
  /** How it has ended, once its keeper has said so. */
  end: SandboxEnd | undefined;
  /** The reason for which this process has ended it, if it has. */
  endedFor: string | undefined;
  /** True once it has ended, and all that it had sent is here. */
  isOver = false;
  readonly #over: () => void;
  #received = 0;
  #isRunning = false;
  /** True while what it has sent directly may come. */
  #isConnected = false;
  #hasJoined = false;
  readonly #whenRunning = new Condition(() => this.#isRunning);

  /** @param over - called when {@link isOver} has become true */
  constructor(number: number, over: () => void) {
    this.number = number;
    this.#over = over;
  }

  get hasJoined(): boolean {
    return this.#hasJoined;
  }

  /** Resolves when it takes messages. */
  running(): Promise<void> {
    return this.#whenRunning.wait();
  }

  runs(): void {
    this.#isRunning = true;
    this.#whenRunning.check();
  }

  /** Notes that it belongs to a pool, which is to hear of its end. */
  joins(): void {
    this.#hasJoined = true;
    queueMicrotask(() => {
      this.#check();
    });
  }

  /** Counts a message. One with buffers may come after the end was told. */
  received(): void {
    this.#received++;
    this.#check();
  }

  /** Notes that there is a direct way to it, which ends later than it. */
  isConnected(): void {
    this.#isConnected = true;
  }

  /** Notes that nothing more comes by the direct way. */
  isApart(): void {
    this.#isConnected = false;
    this.#check();
  }

  hasEnded(end: SandboxEnd): void {
    this.end = end;
    this.#check();
  }

  /** Ends the wait for its start. */
  failed(error: Error): void {
    this.#whenRunning.fail(new SpawnError(error.message, { cause: error }));
  }

  #check(): void {
    if (this.isOver || this.end === undefined || this.#received < this.end.sent) return;
    if (this.#isConnected) return;
    // The first one has joined when the pool has started, and a later one when it runs.
    if (!this.#hasJoined && (this.number === 0 || this.#isRunning)) return;
    this.isOver = true;
    this.#over();
  }
}

const words: Readonly<Record<string, string>> = {
  'out of memory': 'is out of memory',
  crashed: 'has crashed',
  aborted: 'has aborted',
  killed: 'was killed',
};

/** The end of a sandbox in words: `its sandbox was killed (SIGKILL)`. */
export function wordsOf({ reason, detail, signal }: SandboxEnd): string {
  const what = words[reason] ?? (reason.startsWith('exited') ? `has ${reason}` : reason);
  const more = detail ?? signal;
  return `its sandbox ${what}${more === undefined ? '' : ` (${more})`}`;
}
