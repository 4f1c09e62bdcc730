import { describeThrown } from '../describe_thrown.js';

/**
 * The failures that nobody has looked at, of one executor: silent while it works, for somebody may
 * still look, and worth one warning when it has ended, or when the program does.
 */
export class UnobservedFailures {
  /** Also the `FutureOwner` of a future that is done: the count of its failures, and nothing else. */
  readonly unobservedFailures = this;
  /** Whose failures they are, for the message. */
  owner: string;
  #count = 0;
  readonly #earliest = new Map<object, unknown>();

  constructor(owner = 'an executor') {
    this.owner = owner;
  }

  /** How many there are now. */
  get count(): number {
    return this.#count;
  }

  onCancel(): void {
    // Only a future that is not done is cancelled, and that one still has its first owner.
  }

  /** A future failed with `error` before anybody looked at it. */
  add(future: object, error: unknown): void {
    if (this.#count++ === 0) warnAtExit(this);
    if (this.#earliest.size < MOST_KEPT) this.#earliest.set(future, error);
  }

  /** Somebody looks at it after all. */
  delete(future: object): void {
    this.#count = Math.max(0, this.#count - 1);
    this.#earliest.delete(future);
    if (this.#count === 0) untold.delete(this);
  }

  /**
   * Emits one process warning with the count and the first failure, if there is any, and starts
   * again from none. To be called when those who waited for the end of the executor have had their
   * turn to look.
   */
  warn(): void {
    const told = this.#take();
    if (told === undefined) return;
    const { message, detail } = told;
    process.emitWarning(message, { type: WARNING, detail });
  }

  /** As {@link warn}, in the program's last moments, when nothing can be put off any more. */
  warnAtOnce(): void {
    const told = this.#take();
    if (told === undefined) return;
    const warning = Object.assign(new Error(told.message), { name: WARNING, detail: told.detail });
    // Where it was made is of no interest to anybody.
    warning.stack = `${WARNING}: ${told.message}`;
    process.emit('warning', warning);
  }

  #take(): { message: string; detail: string | undefined } | undefined {
    if (this.#count === 0) return undefined;
    const tasks = this.#count === 1 ? 'A task' : `${this.#count} tasks`;
    const [first] = this.#earliest.entries();
    const detail = first && `The first: ${describeThrown(first[1])}`;
    this.#count = 0;
    this.#earliest.clear();
    untold.delete(this);
    return { message: `${tasks} of ${this.owner} failed and nobody looked at the result`, detail };
  }
}

const WARNING = 'UnobservedFailureWarning';

/** For futures that come from no executor: composed ones of nothing. */
export const failuresOfNobody = new UnobservedFailures('compose');

// Only the first is shown. A few more are kept for the case that it is looked at later; all of them
// would be a leak in a program that submits and forgets.
const MOST_KEPT = 32;

const untold = new Set<UnobservedFailures>();
let tellsAtExit = false;

function warnAtExit(failures: UnobservedFailures): void {
  untold.add(failures);
  if (tellsAtExit) return;
  tellsAtExit = true;
  // In front of the end of MPI, which may be the end of the process.
  process.prependListener('exit', () => {
    for (const each of untold) each.warnAtOnce();
  });
}
