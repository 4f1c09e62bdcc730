/** The plan of a run: how many workers, which workloads, how much of each. */

/**
 * @typedef {object} Group Workloads that are measured one after the other with the same workers.
 * @property {number} workers
 * @property {Record<string, object>} workloads parameters by name: see programs/workloads
 */

const MIB = 2 ** 20;

/** The pools that can do a workload, where not all can. @type {Record<string, readonly string[]>} */
const ONLY = {
  idle: ['ours', 'node'],
  beside: ['ours', 'node'],
  queued: ['ours', 'node'],
  garbage: ['ours', 'node'],
  mapped: ['ours', 'python'],
  toAll: ['ours'],
};

/** The same in a quick run, where only what a requirement names is measured. @type {typeof ONLY} */
const ONLY_IF_QUICK = {
  nowAndThen: ['ours'],
  idle: ['ours'],
  thereAndBack: ['ours', 'python'],
  beside: ['ours'],
  queued: ['ours'],
  garbage: ['ours'],
  schedules: ['ours', 'node'],
};

/** The schedules that the peers for Node.js do in a quick run: the lengths of which a requirement compares the efficiency. */
const COMPARED_IF_QUICK = ['0.03', '0.1', '1', '10'];

/** Peers that no requirement names: a quick run is without them. */
export const NOT_IF_QUICK = ['tinypool', 'workerpool', 'ProcessPoolExecutor'];

/** In ms: lengths of tasks whose efficiency is measured. */
export const LENGTHS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10];

/**
 * @param {boolean} quick
 * @returns {{ rounds: number, groups: Group[], exchange: { bytes: number, times: number } }}
 */
export function plan(quick) {
  const sizes = quick ? [64 * MIB] : [2 ** 10, 2 ** 14, 2 ** 18, 2 ** 22, 64 * MIB];
  return {
    rounds: quick ? 1 : 3,
    groups: [
      {
        workers: 1,
        workloads: {
          inFlight: { warmUp: 600, bursts: quick ? 3 : 5, tasks: quick ? 10_000 : 20_000 },
          oneAtATime: { tasks: quick ? 1000 : 3000 },
          nowAndThen: { tasks: quick ? 6 : 20, every: 50 },
          idle: { milliseconds: quick ? 300 : 1000 },
          mapped: {
            numbers: quick ? 100_000 : 1_000_000,
            chunkSize: 1000,
            endless: quick ? 20_000 : 200_000,
          },
          thereAndBack: { sizes, trips: quick ? 4 : 11, pythonTrips: quick ? 3 : 11 },
          beside: {
            size: 64 * MIB,
            first: quick ? 6 : 12,
            milliseconds: quick ? 300 : 1000,
            every: 10,
          },
          queued: { tasks: 20_000 },
          garbage: { bursts: quick ? 2 : 3, tasks: 20_000 },
        },
      },
      {
        workers: 2,
        workloads: {
          schedules: {
            schedules: schedules(quick),
            calibrations: quick ? 1 : 3,
            calibrationRounds: quick ? 10_000_000 : 50_000_000,
            warmUp: quick ? 2000 : 5000,
          },
          beside: {
            size: 64 * MIB,
            first: quick ? 6 : 12,
            milliseconds: quick ? 300 : 1000,
            every: 10,
          },
        },
      },
      { workers: 4, workloads: { toAll: { size: 64 * MIB, trips: quick ? 2 : 5 } } },
    ],
    exchange: { bytes: (quick ? 128 : 2048) * MIB, times: 3 },
  };
}

/**
 * The part of a group that a contender of this kind can do; undefined if that is nothing.
 * @param {string} kind
 * @param {Group} group
 * @param {boolean} quick
 * @returns {Group | undefined}
 */
export function partFor(kind, group, quick) {
  const only = quick ? { ...ONLY, ...ONLY_IF_QUICK } : ONLY;
  const workloads = Object.entries(group.workloads)
    .filter(([name]) => (only[name] ?? ['ours', 'node', 'python']).includes(kind))
    .map(([name, parameters]) => [name, kind === 'python' ? fewer(name, parameters) : parameters]);
  if (workloads.length === 0) return undefined;
  const part = Object.fromEntries(workloads);
  if (quick && kind === 'node' && part.schedules) part.schedules = compared(part.schedules);
  return { ...group, workloads: part };
}

/** @param {{ schedules: Record<string, Runs> }} parameters */
function compared({ schedules, ...others }) {
  const chosen = COMPARED_IF_QUICK.map((name) => [name, schedules[name]]);
  return { ...others, schedules: Object.fromEntries(chosen) };
}

/** mpi4py.futures does as many per second with 2000 in flight as with 20 000, and few enough of either. */
const PYTHON_TASKS = 2000;

/** @param {string} name @param {{ schedules?: Record<string, Runs>, warmUp?: number, calibrationRounds?: number, tasks?: number, pythonTrips?: number }} parameters */
function fewer(name, parameters) {
  const { tasks = 0 } = parameters;
  if (name === 'inFlight') return { ...parameters, tasks: Math.min(PYTHON_TASKS, tasks / 10) };
  if (name === 'oneAtATime') return { ...parameters, tasks: PYTHON_TASKS / 4 };
  if (name === 'thereAndBack') return { ...parameters, trips: parameters.pythonTrips };
  if (!parameters.schedules) return parameters;
  const schedules = Object.entries(parameters.schedules).map(([key, runs]) => [
    key,
    runs.length > 1 ? runs : runs.map(([count, length]) => [Math.min(PYTHON_TASKS, count), length]),
  ]);
  const warmUp = Math.min(PYTHON_TASKS, parameters.warmUp ?? 0);
  const calibrationRounds = (parameters.calibrationRounds ?? 0) / 100; // of Python, for as long
  return { ...parameters, warmUp, calibrationRounds, schedules: Object.fromEntries(schedules) };
}

/** @typedef {[count: number, milliseconds: number][]} Runs of tasks of one length */

/** @param {boolean} quick @returns {Record<string, Runs>} by name */
function schedules(quick) {
  const total = quick ? 60 : 1000; // ms of work
  /** @param {number} length */
  const count = (length) => Math.min(20_000, Math.round(total / length));
  return {
    ...Object.fromEntries(LENGTHS.map((length) => [length, [[count(length), length]]])),
    'each 50th 100 ms': repeated(quick ? 3 : 10, [
      [49, 1],
      [1, 100],
    ]),
    'each 100th 50 ms': repeated(quick ? 3 : 20, [
      [99, 0.1],
      [1, 50],
    ]),
    'few long ones': shuffled([
      ...new Array(quick ? 4 : 10).fill([1, 200]),
      ...new Array(quick ? 400 : 1000).fill([1, 0.1]),
    ]),
  };
}

/** @param {number} times @param {Runs} runs */
const repeated = (times, runs) => new Array(times).fill(runs).flat();

/** Always in the same order. @param {Runs} runs */
function shuffled(runs) {
  let state = 1;
  const drawn = runs.map((run) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return { run, at: state };
  });
  return joined(drawn.sort((a, b) => a.at - b.at).map(({ run }) => run));
}

/** Runs of the same length that follow each other become one. @param {Runs} runs */
function joined(runs) {
  /** @type {Runs} */
  const result = [];
  for (const [count, length] of runs) {
    const last = result.at(-1);
    if (last && last[1] === length) last[0] += count;
    else result.push([count, length]);
  }
  return result;
}
