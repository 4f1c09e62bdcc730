/** The distribution of times, in milliseconds; all 0 if there are none. Plain data, which `JSON.stringify` accepts. */
export interface TimeHistogram {
  /** The number of times. */
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** The median: half of all times are shorter. The percentiles are exact to 3 %. */
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  /** The time that one in a thousand exceeds. */
  readonly p999: number;
  /**
   * The buckets from the shortest time to the longest, without empty ones: the lower limit in milliseconds, and the
   * number of times in the bucket.
   */
  readonly buckets: readonly (readonly [from: number, count: number])[];
}

/**
 * Counts times in logarithmic buckets, 16 per octave, from 60 ns (shorter times are counted together) to 12 days.
 * Recording a time takes a few nanoseconds and allocates nothing; a histogram of `node:perf_hooks` takes some fifty,
 * and only whole numbers.
 */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  // As fields of the object, the numbers would be allocated anew each time they change.
  readonly #summary = Float64Array.of(0, 0, Infinity, 0);

  record(time: number): void {
    const summary = this.#summary;
    summary[COUNT]!++;
    summary[SUM]! += time;
    if (time < summary[MIN]!) summary[MIN] = time;
    if (time > summary[MAX]!) summary[MAX] = time;
    this.#counts[bucketOf(time)]!++;
  }

  /** The times recorded up to now. */
  snapshot(): TimeHistogram {
    const [count = 0, sum = 0, min = 0, max = 0] = this.#summary;
    return {
      count,
      min: count === 0 ? 0 : min,
      max,
      mean: count === 0 ? 0 : sum / count,
      p50: this.#percentile(0.5),
      p90: this.#percentile(0.9),
      p99: this.#percentile(0.99),
      p999: this.#percentile(0.999),
      buckets: this.#buckets(),
    };
  }

  #percentile(share: number): number {
    const [count = 0, , min = 0, max = 0] = this.#summary;
    if (count === 0) return 0;
    const rank = Math.max(1, Math.ceil(share * count));
    let bucket = -1;
    for (let seen = 0; seen < rank;) seen += this.#counts[++bucket]!;
    const middle = (startOf(bucket) + startOf(bucket + 1)) / 2;
    return Math.min(Math.max(middle, min), max);
  }

  #buckets(): [number, number][] {
    const filled: [number, number][] = [];
    for (const [bucket, count] of this.#counts.entries())
      if (count > 0) filled.push([bucket === 0 ? 0 : startOf(bucket), count]);
    return filled;
  }
}

const COUNT = 0;
const SUM = 1;
const MIN = 2;
const MAX = 3;

// The bits of a float32, read as an integer, are close to its logarithm: exponent first, then mantissa. The buckets use 4 of
// the 23 bits of the mantissa.
const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);
const DROPPED_BITS = 19;

function numberOf(time: number): number {
  float[0] = time;
  return bits[0]! >> DROPPED_BITS;
}

const LOWEST = numberOf(2 ** -14);
const BUCKETS = numberOf(2 ** 30) - LOWEST;

function bucketOf(time: number): number {
  return Math.min(Math.max(numberOf(time) - LOWEST, 0), BUCKETS - 1);
}

function startOf(bucket: number): number {
  bits[0] = (bucket + LOWEST) << DROPPED_BITS;
  return float[0]!;
}
