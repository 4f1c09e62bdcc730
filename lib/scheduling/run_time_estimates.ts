/** The expected run time of the next task of a kind. */
export class RunTimeEstimate {
  /** The time in microseconds. */
  time: number;
  #sent = 1;
  #shortRuns = 0;

  /** @param time the first run time, in microseconds */
  constructor(time: number) {
    this.time = time;
  }

  /**
   * True if the kind allows another task to be sent to a worker that is not idle. The number of pending tasks stays in
   * proportion to what has been seen: at most twice as many as tasks have proved to be short since the last long one.
   * So a few short runs at the beginning do not cause the whole of a map to be sent out, whose later tasks are long.
   */
  get trusted(): boolean {
    return this.#sent < 3 * this.#shortRuns;
  }

  /** Notes that a task was sent. */
  noteSent(): void {
    this.#sent++;
  }

  /** Notes that a task that was sent will not run. */
  noteReleased(): void {
    this.#sent = Math.max(0, this.#sent - 1);
  }

  /** Notes that a task has run for `time` microseconds, which is long if it is more than `longTime`. */
  noteRun(time: number, longTime: number): void {
    // The estimate rises fast and falls slowly, because the two errors do not cost the same: an
    // estimate that is too high makes messages smaller; one that is too low queues long tasks at
    // one worker while others are idle. So scattered run times get an estimate above their mean
    // (1.6 times the mean of an exponential distribution). After a slow first run, which loads
    // modules and is not compiled, a few dozen tasks are sent one at a time. For short tasks that
    // takes less time than the first run.
    const weight = time > this.time ? 1 / 2 : 1 / 8;
    this.time += weight * (time - this.time);
    this.#shortRuns++;
    if (time > longTime) this.#startAnew();
  }

  #startAnew(): void {
    this.#sent = Math.max(0, this.#sent - this.#shortRuns);
    this.#shortRuns = 0;
  }
}

/** The estimates of all kinds of tasks. */
export class RunTimeEstimates {
  readonly #longTime: number;
  readonly #byKind = new Map<number, RunTimeEstimate>();
  #latestKind: number | undefined;
  #latest: RunTimeEstimate | undefined;

  /** @param longTime the limit in microseconds above which a run is long */
  constructor(longTime: number) {
    this.#longTime = longTime;
  }

  /** The estimate for a kind; undefined if no task of it has run. */
  of(kind: number): RunTimeEstimate | undefined {
    // Tasks of one kind often follow each other, so most look-ups are for the latest kind.
    if (kind !== this.#latestKind) {
      this.#latestKind = kind;
      this.#latest = this.#byKind.get(kind);
    }
    return this.#latest;
  }

  /** Notes that a task has run for `time` microseconds, and returns the new estimate for its kind. */
  noteRun(kind: number, time: number): RunTimeEstimate {
    const estimate = this.of(kind) ?? this.#create(kind, time);
    estimate.noteRun(time, this.#longTime);
    return estimate;
  }

  #create(kind: number, time: number): RunTimeEstimate {
    const [oldest] = this.#byKind.keys();
    if (this.#byKind.size === MOST_KINDS) this.#byKind.delete(oldest!);
    const estimate = new RunTimeEstimate(time);
    this.#byKind.set(kind, estimate);
    this.#latest = estimate;
    return estimate;
  }
}

// The limit is for programs that make a new function, and so a new kind, for every task.
const MOST_KINDS = 10_000;
