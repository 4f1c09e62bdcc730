/** The figures that this project wants to reach on two cores, in one run with its peers: for each layout of its workers. */

import { efficiency, makespan, medianOf, metg, ratio, taken } from './figures.mjs';

/**
 * @typedef {import('./figures.mjs').Samples} Samples
 * @typedef {object} Requirement
 * @property {string} work
 * @property {string} against
 * @property {number} [atLeast]
 * @property {number} [atMost]
 * @property {string} [unit]
 * @property {(mine: Samples, all: Peers) => number | undefined} value undefined where it does not apply
 *
 * @typedef {object} Peers
 * @property {Samples} mpi4py
 * @property {Samples[]} piscina at both of its settings
 * @property {Samples} c over the same MPI
 */

const MIB64 = String(2 ** 26);

/** @type {(work: string, unit: string | undefined, figure: import('./figures.mjs').Figure, limits: object) => Requirement} */
const own = (work, unit, figure, limits) => ({
  work,
  against: '',
  unit,
  value: (mine) => medianOf(figure, mine),
  ...limits,
});

const toPeer = (work, against, figure, peer, limits) => ({
  work,
  against,
  unit: '×',
  value: (mine, peers) => ratio(figure(mine), figure(peer(peers) ?? {})),
  ...limits,
});

const mpi4py = (peers) => peers.mpi4py;
const c = (peers) => peers.c;

/** Of piscina's two settings the one that is better at this. */
const bestPiscina = (work, figure, isMore, limits) => ({
  work,
  against: 'piscina',
  unit: '×',
  value: (mine, { piscina }) => {
    const ratios = piscina
      .map((samples) => ratio(figure(mine), figure(samples)))
      .filter((value) => value !== undefined);
    return ratios.length === 0 ? undefined : (isMore ? Math.min : Math.max)(...ratios);
  },
  ...limits,
});

const lengthRequirements = [
  [0.03, 0.6],
  [0.1, 0.85],
  [1, 0.97],
  [10, 0.98],
].flatMap(([length, least]) => [
  own(`efficiency, 2 workers, ${length} ms`, undefined, efficiency(length), { atLeast: least }),
  bestPiscina(`efficiency, 2 workers, ${length} ms`, efficiency(length), true, { atLeast: 1 }),
]);

/** @type {readonly Requirement[]} */
export const REQUIREMENTS = [
  toPeer('20 000 no-ops in flight', 'mpi4py', taken('1/inFlight'), mpi4py, { atLeast: 120 }),
  bestPiscina('20 000 no-ops in flight', taken('1/inFlight'), true, { atLeast: 5 }),
  toPeer('one at a time', 'mpi4py', taken('1/oneAtATime'), mpi4py, { atMost: 0.1 }),
  bestPiscina('one at a time', taken('1/oneAtATime'), false, { atMost: 0.8 }),
  own('one task every 50 ms', 'ms', taken('1/nowAndThen'), { atMost: 0.6 }),
  own('idle CPU, master', '%', taken('1/idle/master'), { atMost: 0.5 }),
  own('idle CPU, worker', '%', taken('1/idle/worker'), { atMost: 0.5 }),
  ...lengthRequirements,
  own('METG(50 %), 2 workers', 'ms', metg, { atMost: 0.015 }),
  own('1 ms, each 50th 100 ms, of the ideal', '×', makespan('each 50th 100 ms'), { atMost: 1.05 }),
  own('0.1 ms, each 100th 50 ms, of the ideal', '×', makespan('each 100th 50 ms'), { atMost: 1.05 }), // prettier-ignore
  own('wait of short ones among few long ones, of the ideal', '×', taken('2/schedules/few long ones/wait'), { atMost: 1.2 }), // prettier-ignore
  own('small task while 64 MB go to the same worker', 'ms', taken('1/beside/median'), { atMost: 3 }), // prettier-ignore
  own('small task while 64 MB go to another worker', 'ms', taken('2/beside/median'), { atMost: 1 }),
  toPeer('64 MB there and back', 'mpi4py', taken(`1/thereAndBack/${MIB64}`), mpi4py, { atMost: 0.2 }), // prettier-ignore
  {
    work: '64 MB there and back',
    against: 'C',
    unit: '×',
    atMost: 1.5,
    value: (mine, peers) =>
      ratio(mine[`1/thereAndBack/${MIB64}`], peers.c?.[`exchange/thereAndBack/${MIB64}`]),
  },
  toPeer('2 GiB from rank to rank', 'C', taken('exchange/message'), c, { atMost: 1.5 }),
  toPeer('2 GiB, broadcast', 'C', taken('exchange/broadcast'), c, { atMost: 1.5 }),
  own('64 MB to 4 workers at once, of 4 transfers', '×', taken('4/toAll'), { atMost: 1.3 }),
  toPeer('map of 1 000 000 numbers', 'mpi4py', taken('1/mapped/rate'), mpi4py, { atLeast: 1.5 }),
  toPeer('Julia, whole program', 'mpi4py', taken('julia'), mpi4py, { atMost: 0.3 }),
  {
    work: 'two workers ready, after MPI itself',
    against: '',
    unit: 'ms',
    atMost: 150,
    value: (mine, peers) =>
      mine.start && peers.c?.start
        ? medianOf(taken('start'), mine) - medianOf(taken('start'), peers.c)
        : undefined,
  },
  own('a task that waits', 'B', taken('1/queued'), { atMost: 400 }),
  own('garbage collection', '%', taken('1/garbage'), { atMost: 20 }),
  own('4096 simulated workers: CPU of the master per task, of that with 4', '×', taken('scaling/cpu'), { atMost: 1.5 }), // prettier-ignore
];

/** @param {Requirement} requirement */
export function isMet({ atLeast = -Infinity, atMost = Infinity }, value) {
  return value >= atLeast && value <= atMost;
}

/** @param {string} name of a contender */
export const isOfPython = (name) => /^(mpi4py|ProcessPool)/.test(name);

/** The peers that a contender of ours is held against. @returns {Peers} */
export function peersOf(name, samples) {
  const find = (test) =>
    Object.keys(samples)
      .filter(test)
      .map((key) => samples[key]);
  const mpi = /MPICH|Open MPI/.exec(name)?.[0];
  return {
    mpi4py: find((key) => key.startsWith('mpi4py'))[0],
    piscina: find((key) => key.startsWith('piscina')),
    c: find((key) => key === `C over ${mpi}`)[0],
  };
}
