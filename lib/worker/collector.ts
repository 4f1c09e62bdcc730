import { PerformanceObserver } from 'node:perf_hooks';

/**
 * Calls back with the beginnings and durations of collections of garbage, in milliseconds of `performance.now()`, until the
 * observer is disconnected.
 */
export function observeCollector(
  collected: (collections: [start: number, duration: number][]) => void,
): PerformanceObserver {
  const observer = new PerformanceObserver((list) => {
    collected(list.getEntries().map(({ startTime, duration }) => [startTime, duration]));
  });
  observer.observe({ entryTypes: ['gc'] });
  return observer;
}
