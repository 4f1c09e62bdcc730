/** The numbers of a trace. Times are milliseconds. */

import type { State } from '../../tracing/spans.js';
import type { ReportedSpan, ReportedWorker } from './read_trace.js';

/** The time of one worker in each state. */
export interface WorkerFigures {
  readonly name: string;
  readonly tasks: number;
  readonly times: Readonly<Record<State, number>>;
  /** The part of its time in which it ran tasks, from 0 to 1. */
  readonly utilisation: number;
  /** The end of its last task. */
  readonly end: number;
}

/** The tasks of one function. */
export interface FunctionFigures {
  readonly name: string;
  readonly tasks: number;
  /** The calls of all tasks: a chunk of a map is one task. */
  readonly calls: number;
  readonly total: number;
  readonly median: number;
  readonly max: number;
}

/** A number of values in a range. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** A task, with the name of its worker. */
export interface SlowTask {
  readonly span: ReportedSpan;
  readonly worker: string;
}

/** All figures of a trace. */
export interface Figures {
  /** The time from the first to the last span. */
  readonly length: number;
  readonly workers: readonly WorkerFigures[];
  readonly functions: readonly FunctionFigures[];
  readonly tasks: number;
  /** The part of the workers' time in each state. */
  readonly shares: Readonly<Record<State, number>>;
  readonly runTimes: readonly Bucket[];
  readonly waitTimes: readonly Bucket[];
  readonly slowest: readonly SlowTask[];
}

const mostSlowest = 10;

/** Adds up the spans of all workers. */
export function analyse(workers: readonly ReportedWorker[]): Figures {
  const rows = workers.map(figuresOf);
  const runs = workers.flatMap(({ spans }) => spans.filter(({ state }) => state === 'run'));
  const times = noTimes();
  for (const row of rows) for (const state of keys(times)) times[state] += row.times[state];
  const whole = times.idle + times.waiting + times.transfer + times.run;
  const shares = noTimes();
  for (const state of keys(times)) shares[state] = whole === 0 ? 0 : times[state] / whole;
  return {
    length: workers.reduce((end, { spans }) => Math.max(end, endOf(spans)), 0),
    workers: rows,
    functions: functionsOf(runs),
    tasks: runs.length,
    shares,
    runTimes: bucketsOf(runs.map(({ duration }) => duration)),
    waitTimes: bucketsOf(runs.filter(({ partial }) => !partial).map(({ waited }) => waited)),
    slowest: workers.flatMap(slowestOf).sort(longestFirst).slice(0, mostSlowest),
  };
}

function slowestOf({ name: worker, spans }: ReportedWorker): SlowTask[] {
  const runs = spans.filter(({ state }) => state === 'run').map((span) => ({ span, worker }));
  return runs.sort(longestFirst).slice(0, mostSlowest);
}

function longestFirst(one: SlowTask, other: SlowTask): number {
  return other.span.duration - one.span.duration;
}

function figuresOf({ name, spans }: ReportedWorker): WorkerFigures {
  const times = noTimes();
  let tasks = 0;
  let end = 0;
  for (const span of spans) {
    times[span.state] += span.duration;
    if (span.state !== 'run') continue;
    tasks++;
    end = Math.max(end, span.start + span.duration);
  }
  const whole = times.idle + times.waiting + times.transfer + times.run;
  return { name, tasks, times, utilisation: whole === 0 ? 0 : times.run / whole, end };
}

function functionsOf(runs: readonly ReportedSpan[]): FunctionFigures[] {
  const byName = new Map<string, { durations: number[]; calls: number }>();
  for (const { name, duration, calls } of runs) {
    let known = byName.get(name);
    if (known === undefined) byName.set(name, (known = { durations: [], calls: 0 }));
    known.durations.push(duration);
    known.calls += calls;
  }
  const functions = [...byName].map(([name, { durations, calls }]) => {
    durations.sort((one, other) => one - other);
    return {
      name,
      tasks: durations.length,
      calls,
      total: durations.reduce((sum, each) => sum + each, 0),
      median: durations[Math.floor(durations.length / 2)]!,
      max: durations.at(-1)!,
    };
  });
  return functions.sort((one, other) => other.total - one.total);
}

/** Counts values in ranges that grow by 1, 2, 5, 10 …; from 1 µs. */
function bucketsOf(values: readonly number[]): Bucket[] {
  if (values.length === 0) return [];
  const indices = values.map((value) => indexOf(value));
  const first = Math.min(...bounds(indices));
  const last = Math.max(...bounds(indices));
  const counts = new Array<number>(last - first + 1).fill(0);
  for (const index of indices) counts[index - first]!++;
  return counts.map((count, at) => ({
    from: at + first === 0 ? 0 : limitOf(at + first - 1),
    to: limitOf(at + first),
    count,
  }));
}

/** The least and the largest number, without passing all of them as arguments. */
function bounds(numbers: readonly number[]): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (const number of numbers) {
    if (number < least) least = number;
    if (number > most) most = number;
  }
  return [least, most];
}

const steps = [1, 2, 5];

/** The upper limit of a range, in milliseconds. */
function limitOf(index: number): number {
  return steps[index % 3]! * 10 ** (Math.floor(index / 3) - 3);
}

function indexOf(value: number): number {
  let index = 0;
  while (value > limitOf(index)) index++;
  return index;
}

function endOf(spans: readonly ReportedSpan[]): number {
  return spans.reduce((end, { start, duration }) => Math.max(end, start + duration), 0);
}

function noTimes(): Record<State, number> {
  return { idle: 0, waiting: 0, transfer: 0, run: 0, collector: 0 };
}

function keys(times: Record<State, number>): State[] {
  return Object.keys(times) as State[];
}
