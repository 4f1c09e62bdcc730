/** How the benchmark computes figures from samples: figures are only as right as this. */

import { describe, expect, it } from '@jest/globals';
import { plan, partFor } from '../../bench/plan.mjs';
import { idealSchedule } from '../../bench/programs/workloads/ideal_schedule.mjs';
import { metg, ratio } from '../../bench/report/figures.mjs';

describe('an ideal schedule', () => {
  it('gives each task to the first worker that is free, in the order of the calls', () => {
    const schedule = idealSchedule([3, 1, 1, 4, 1], 2);
    expect(schedule.map(({ worker }) => worker)).toEqual([0, 1, 1, 1, 0]);
    expect(schedule.map(({ end }) => end)).toEqual([3, 1, 2, 6, 4]);
  });

  it('has one worker do all of them one after the other', () => {
    expect(idealSchedule([1, 2, 3], 1)).toEqual([
      { worker: 0, end: 1 },
      { worker: 0, end: 3 },
      { worker: 0, end: 6 },
    ]);
  });
});

describe('METG(50 %)', () => {
  const samplesOf = (values: readonly number[]): Record<string, number[]> =>
    Object.fromEntries(
      [0.01, 0.03, 0.1, 0.3, 1, 3, 10].map((length, i) => [
        `2/schedules/${length}/efficiency`,
        [values[i]!],
      ]),
    );

  it('lies between the lengths that were measured', () => {
    const [value] = metg(samplesOf([0.3, 0.4, 0.6, 0.8, 0.9, 0.95, 1]))!;
    expect(value).toBeCloseTo(Math.sqrt(0.03 * 0.1), 10);
  });

  it('is the shortest length where that is enough, and none where nothing is', () => {
    expect(metg(samplesOf([0.5, 0.6, 0.7, 0.8, 0.9, 1, 1]))).toEqual([0.01]);
    expect(metg(samplesOf([0, 0, 0, 0, 0.1, 0.2, 0.4]))).toEqual([Infinity]);
  });
});

describe('a ratio', () => {
  it('is the median of the ratios of the rounds', () => {
    expect(ratio([10, 100, 30], [5, 10, 10])).toBe(3);
    expect(ratio([1], undefined)).toBeUndefined();
  });
});

describe('the plan', () => {
  it('is the same for everybody, whenever it is made', () => {
    expect(plan(false)).toEqual(plan(false));
  });

  it('has the same tasks in the mixture with few long ones', () => {
    const { schedules: workload } = plan(false).groups[1]!.workloads;
    const { schedules } = workload as { schedules: Record<string, [number, number][]> };
    const count = (length: number): number =>
      schedules['few long ones']!.reduce((sum, run) => sum + (run[1] === length ? run[0] : 0), 0);
    expect([count(0.1), count(200)]).toEqual([1000, 10]);
  });

  it('asks nobody for what it cannot do', () => {
    const [one, , four] = plan(false).groups;
    expect(Object.keys(partFor('python', one!, false)!.workloads)).not.toContain('queued');
    expect(partFor('node', four!, false)).toBeUndefined();
  });

  it('has the peers do in a quick run only what is compared', () => {
    const [, two] = plan(true).groups;
    const namesFor = (kind: string): string[] => {
      const { schedules } = partFor(kind, two!, true)!.workloads;
      return Object.keys((schedules as { schedules: object }).schedules);
    };
    expect(namesFor('node').sort()).toEqual(['0.03', '0.1', '1', '10']);
    expect(namesFor('ours')).toContain('few long ones');
  });
});
