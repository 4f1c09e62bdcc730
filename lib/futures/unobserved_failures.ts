import { describeThrown } from '../describe_thrown.js';
import { warnAtOnce } from '../warn_at_once.js';

/**
 * The failures of one executor that the user has not looked at. While the executor works they are silent, since the
 * user may still look. When the executor has ended, or the program ends, one warning reports them.
 */
export class UnobservedFailures {
  /** Also serves as the `FutureOwner` of a future that is done, which needs only the count of failures. */
  readonly unobservedFailures = this;
  /** The name of the owner of the failures, for the message. */
  owner: string;
  #count = 0;
  readonly #earliest = new Map<object, unknown>();

  constructor(owner = 'an executor') {
    this.owner = owner;
  }

  /** The present number of failures. */
  get count(): number {
    return this.#count;
  }

  onCancel(): void {
    // Never called: only a future that is not done can be cancelled, and this class owns futures that are done.
  }

  /** Counts the failure of a future with `error` that nobody has looked at. */
  add(future: object, error: unknown): void {
    if (this.#count++ === 0) warnAtExit(this);
    if (this.#earliest.size < MOST_KEPT) this.#earliest.set(future, error);
  }

  /** Removes a failure that somebody has looked at after all. */
  delete(future: object): void {
    this.#count = Math.max(0, this.#count - 1);
    this.#earliest.delete(future);
    if (this.#count === 0) unreported.delete(this);
  }

  /**
   * Emits one process warning with the count and the first failure, if there is any, and resets the count. To be called
   * when code that awaited the end of the executor has had its turn to look.
   */
  warn(): void {
    const report = this.#take();
    if (report === undefined) return;
    const { message, detail } = report;
    process.emitWarning(message, { type: WARNING, detail });
  }

  /** Does what {@link warn} does, without waiting for another turn: for the 'exit' event of the program. */
  warnAtOnce(): void {
    const report = this.#take();
    if (report !== undefined) warnAtOnce(report.message, { type: WARNING, detail: report.detail });
  }

  #take(): { message: string; detail: string | undefined } | undefined {
    if (this.#count === 0) return undefined;
    const tasks = this.#count === 1 ? 'A task' : `${this.#count} tasks`;
    const [first] = this.#earliest.entries();
    const detail = first && `The first: ${describeThrown(first[1])}`;
    this.#count = 0;
    this.#earliest.clear();
    unreported.delete(this);
    return { message: `${tasks} of ${this.owner} failed and nobody looked at the result`, detail };
  }
}

const WARNING = 'UnobservedFailureWarning';

/** Counts the failures of futures without an executor: composed futures of no others. */
export const failuresOfNobody = new UnobservedFailures('compose');

// The warning shows only the first. A few more are kept in case somebody looks at the first later; keeping all would leak
// memory in a program that never looks at its futures.
const MOST_KEPT = 32;

const unreported = new Set<UnobservedFailures>();
let warnsAtExit = false;

function warnAtExit(failures: UnobservedFailures): void {
  unreported.add(failures);
  if (warnsAtExit) return;
  warnsAtExit = true;
  // Prepended, because the listener that ends MPI may end the process.
  process.prependListener('exit', () => {
    for (const each of unreported) each.warnAtOnce();
  });
}
