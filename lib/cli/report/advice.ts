/** Advice that would make the program of a trace faster, in sentences. */

import { timeText } from './time_text.js';
import type { Figures } from './analysis.js';

/** Tasks shorter than this, in milliseconds, spend a good part of their time on their way. */
const shortTask = 0.2;
const fewTasks = 50;
/** The time in milliseconds that a chunk of short tasks should take. */
const goodChunk = 2;

/** Sentences for the reader, the most important first; never none. */
export function adviceOn(figures: Figures): string[] {
  const { shares, functions, workers, length } = figures;
  const advice: string[] = [];
  for (const { name, tasks, calls, median } of functions) {
    if (median >= shortTask || tasks < fewTasks) continue;
    const perTask = calls / tasks;
    const chunk = roundUp((goodChunk * perTask) / Math.max(median, 0.001));
    const [of, what] =
      perTask > 1
        ? [`${name}, some ${Math.round(perTask)} calls each`, 'a larger chunkSize']
        : [name, 'chunkSize'];
    advice.push(
      `Tasks of ${timeText(median)} (${of}): use ${what}. map(${name}, …, { chunkSize: ${chunk} }) sends ${chunk} calls as one task.`,
    );
  }
  if (shares.idle > 0.3)
    advice.push(
      `Workers had no task for ${percent(shares.idle)} of their time: submit more at once (map instead of one await after another), ` +
        'or use fewer workers.',
    );
  if (shares.waiting > 0.1)
    advice.push(
      `Workers were free for ${percent(shares.waiting)} of their time though tasks waited: the thread of the program was busy with ` +
        'something else, such as making arguments or handling results.',
    );
  if (shares.transfer > 0.1)
    advice.push(
      `Tasks were on their way for ${percent(shares.transfer)} of the workers' time: send less with each task (option globals, ` +
        'or a file that workers read), or make tasks longer.',
    );
  const ends = workers.filter(({ tasks }) => tasks > 0).map(({ end }) => end);
  const [last, first] = [Math.max(...ends), Math.min(...ends)];
  if (ends.length > 1 && last - first > 0.1 * length)
    advice.push(
      `The last worker was done ${timeText(last - first)} after the first one: submit the longest tasks first, or divide them.`,
    );
  if (shares.collector > 0.1 * shares.run && shares.run > 0)
    advice.push(
      `The garbage collector took ${percent(shares.collector / shares.run)} of the tasks' time: give workers more room for young objects, ` +
        "such as execArgv: ['--max-semi-space-size=64'], or allocate less.",
    );
  if (advice.length === 0)
    advice.push(`Nothing stands out: workers ran tasks for ${percent(shares.run)} of their time.`);
  return advice;
}

/** The next of 1, 2, 5, 10, 20 … */
function roundUp(number: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, number)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= number)!;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
