import { Histogram } from '../../lib/pool/histogram.js';

function histogramOf(...times: number[]): Histogram {
  const histogram = new Histogram();
  for (const time of times) histogram.record(time);
  return histogram;
}

describe('a histogram', () => {
  test('of nothing is all 0', () => {
    const { buckets, ...numbers } = new Histogram().snapshot();
    expect(buckets).toEqual([]);
    expect(new Set(Object.values(numbers))).toEqual(new Set([0]));
  });

  test('knows count, shortest, longest and mean exactly', () => {
    const { count, min, max, mean } = histogramOf(1.1, 0.3, 7.7, 2.3).snapshot();
    expect([count, min, max]).toEqual([4, 0.3, 7.7]);
    expect(mean).toBeCloseTo(2.85, 12);
  });

  test('of one time has it as every percentile', () => {
    const { p50, p90, p99, p999 } = histogramOf(12.34).snapshot();
    expect([p50, p90, p99, p999]).toEqual([12.34, 12.34, 12.34, 12.34]);
  });

  test.each([0.0002, 0.01, 1, 30, 1000, 3_600_000])(
    'has percentiles that are exact to 3 %%, of times about %d ms',
    (scale) => {
      const times = Array.from({ length: 10_000 }, (_, i) => scale * (0.5 + (i + 1) / 10_000));
      const { p50, p90, p99, p999 } = histogramOf(...times).snapshot();
      for (const [value, share] of [[p50, 0.5], [p90, 0.9], [p99, 0.99], [p999, 0.999]] as const)
        expect(Math.abs(value / (scale * (0.5 + share)) - 1)).toBeLessThan(0.033); // prettier-ignore
    },
  );

  test('has every time in the bucket that begins at or before it', () => {
    for (let time = 0.0001; time < 1e8; time *= 1.01) {
      const [[from, count] = [NaN, NaN], ...others] = histogramOf(time).snapshot().buckets;
      expect(others).toEqual([]);
      expect(count).toBe(1);
      expect(time / from).toBeGreaterThanOrEqual(1 - 1e-6);
      expect(time / from).toBeLessThan(1.0626);
    }
  });

  test('has its buckets in order, and nothing is missing', () => {
    const { buckets } = histogramOf(5, 0.5, 50, 5, 0, 1e12, 5).snapshot();
    expect(buckets.map(([, count]) => count)).toEqual([1, 1, 3, 1, 1]);
    const starts = buckets.map(([from]) => from);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
  });

  test('takes times of 0 and times too long for its buckets', () => {
    const { count, min, max, p50, p999 } = histogramOf(0, 0, 1e15).snapshot();
    expect([count, min, max, p50]).toEqual([3, 0, 1e15, expect.closeTo(0, 3)]);
    expect(p999).toBeGreaterThan(1e9);
  });

  test('goes on after a snapshot, which stays as it is', () => {
    const histogram = histogramOf(1);
    const snapshot = histogram.snapshot();
    histogram.record(2);
    expect(snapshot.count).toBe(1);
    expect(histogram.snapshot().count).toBe(2);
  });
});
