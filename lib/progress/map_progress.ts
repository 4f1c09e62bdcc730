/** How far a map has come: its counts, and when they are shown. */

/**
 * The progress of a map, as its option `progress` gets it.
 *
 * @since 0.1.0
 */
export interface MapProgress {
  /** The label that was given, else the name of the function. */
  readonly label: string;
  /** The number of calls that have an outcome. */
  readonly done: number;
  /** The number of all calls; undefined as long as a source may give more. */
  readonly total: number | undefined;
  /** Milliseconds since the call of `map`. */
  readonly elapsed: number;
  /** Calls per second so far. */
  readonly rate: number;
  /** The expected milliseconds until all calls are done; undefined if that cannot be said. */
  readonly timeLeft: number | undefined;
  /** True for the last report, also if the map has ended before its sources did. */
  readonly ended: boolean;
}

/** Shows the progress of one map. */
export type ShowProgress = (progress: MapProgress) => void;

/** Milliseconds between two reports, at least; and at most while calls run. */
const shortestPause = 100;
const longestPause = 1000;

/** Counts the calls of one map, and reports them at most ten times in a second, each second while calls run, and at the end. */
export class ProgressCounter {
  readonly #label: string;
  readonly #show: ShowProgress;
  readonly #start = performance.now();
  #total: number | undefined;
  #submitted = 0;
  #done = 0;
  #doneAt = this.#start;
  #shownAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #ticks: NodeJS.Timeout | undefined;
  #allSubmitted = false;
  #ended = false;

  /** @param total - the number of all calls, if it is known */
  constructor(label: string, total: number | undefined, show: ShowProgress) {
    this.#label = label;
    this.#total = total;
    this.#show = show;
  }

  /** Notes that calls were submitted. */
  submitted(calls: number): void {
    this.#submitted += calls;
    // An array or a Set may grow while it is read.
    if (this.#total !== undefined && this.#submitted > this.#total) this.#total = undefined;
    if (!this.#ended) this.#ticks ??= setInterval(this.#tick, longestPause).unref();
  }

  /** Notes that no more calls will be submitted. */
  allSubmitted(): void {
    this.#allSubmitted = true;
    this.#total = this.#submitted;
    if (this.#done === this.#total) this.end();
    else this.#soon();
  }

  /** Notes that calls have an outcome. */
  done(calls: number): void {
    this.#done += calls;
    this.#doneAt = performance.now();
    if (this.#allSubmitted && this.#done === this.#submitted) this.end();
    else this.#soon();
  }

  /** Reports for the last time. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    clearInterval(this.#ticks);
    this.#report();
  }

  /** Calls may take an hour, and time goes on meanwhile. Where none runs, the map waits, or nobody has it any more. */
  readonly #tick = (): void => {
    if (this.#done < this.#submitted) this.#soon();
    else {
      clearInterval(this.#ticks);
      this.#ticks = undefined;
    }
  };

  #soon(): void {
    if (this.#ended || this.#timer !== undefined) return;
    const wait = this.#shownAt + shortestPause - performance.now();
    if (wait <= 0) {
      this.#report();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#report();
    }, wait).unref(); // the map keeps the program alive, if anything does
  }

  #report(): void {
    const now = performance.now();
    this.#shownAt = now;
    const elapsed = now - this.#start;
    const [done, total] = [this.#done, this.#total];
    this.#show({
      label: this.#label,
      done,
      total,
      elapsed,
      rate: elapsed > 0 ? (1000 * done) / elapsed : 0,
      timeLeft: total === undefined ? undefined : this.#timeLeft(total, now),
      ended: this.#ended,
    });
  }

  /** Counted down from the last outcome; undefined if there is none yet, or that time is over. */
  #timeLeft(total: number, now: number): number | undefined {
    if (this.#done === 0) return undefined;
    if (this.#done === total) return 0;
    const then = ((this.#doneAt - this.#start) / this.#done) * (total - this.#done);
    const left = then - (now - this.#doneAt);
    return left > 0 ? left : undefined;
  }
}
