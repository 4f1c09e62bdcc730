/** Figures of one contender, from the samples of all rounds. */

import { LENGTHS } from '../plan.mjs';
import { median } from '../support/statistics.mjs';

/**
 * @typedef {Record<string, number[]>} Samples of one contender: by figure, one of each round
 * @typedef {(samples: Samples) => number[] | undefined} Figure one value of each round
 */

/** @param {string} name @returns {Figure} */
export const taken = (name) => (samples) => samples[name];

/** Of the speed that bare processes reach. @param {string | number} schedule a length is the name of a schedule, too @returns {Figure} */
export const efficiency = (schedule) => taken(`2/schedules/${schedule}/efficiency`);

/** Of the speed that the lengths of the tasks would allow. @param {string | number} schedule @returns {Figure} */
export const nominal = (schedule) => taken(`2/schedules/${schedule}/nominal`);

/** What bare processes themselves reach of that, beside a contender. @param {string | number} schedule @returns {Figure} */
export const bare = (schedule) => (samples) => {
  const ofPeak = efficiency(schedule)(samples);
  return nominal(schedule)(samples)?.map((value, round) => value / (ofPeak?.[round] ?? NaN));
};

/** How many times as long as bare processes that have the ideal schedule. @param {string} schedule @returns {Figure} */
export const makespan = (schedule) => (samples) =>
  efficiency(schedule)(samples)?.map((value) => 1 / value);

/**
 * The smallest length of tasks with half the efficiency, in ms: METG(50 %) of Task Bench (Slaughter et al., SC20), between the
 * lengths that were measured along a straight line over their logarithms. The shortest that was measured if that is enough.
 * @type {Figure}
 */
export function metg(samples) {
  const byLength = LENGTHS.map((length) => efficiency(length)(samples));
  const [first] = byLength;
  if (first === undefined || byLength.includes(undefined)) return undefined;
  return first.map((_, round) =>
    crossing(
      LENGTHS.map((length, i) => ({ length, value: byLength[i]?.[round] ?? 0 })),
      0.5,
    ),
  );
}

/**
 * @param {{ length: number, value: number }[]} points
 * @param {number} wanted
 */
function crossing(points, wanted) {
  let below;
  for (const point of points) {
    if (point.value >= wanted) {
      if (below === undefined) return point.length;
      const part = (wanted - below.value) / (point.value - below.value);
      return below.length * (point.length / below.length) ** part;
    }
    below = point;
  }
  return Infinity;
}

/** @param {Figure} figure @param {Samples} [samples] */
export function medianOf(figure, samples = {}) {
  const values = figure(samples);
  return values === undefined ? undefined : median(values);
}

/**
 * Median of the rounds' ratios: what a neighbour on the same cores does in a round changes both sides of its ratio.
 * @param {number[] | undefined} mine
 * @param {number[] | undefined} theirs
 */
export function ratio(mine, theirs) {
  if (!mine || !theirs) return undefined;
  return median(mine.map((value, round) => value / (theirs[round] ?? NaN)));
}
