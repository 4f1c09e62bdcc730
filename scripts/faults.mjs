// `npm run test:faults [-- openmpi|mpich] [call …]`: makes each MPI function that the addon uses fail, at its first call, its
// second, its fourth and so on, once or from then on; and each allocation likewise. test/native/guard.c makes them fail.
// Whatever fails, a program must end with the right result or with an error message; it must not hang or crash, or leave a
// process behind. Linux only. Takes some minutes per MPI, and so is not part of .ci/run; test/mpi/faults.test.ts has a few cases.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { hasCrashed } from './crashes.mjs';
import { runAsProgram, ScriptError } from './main.mjs';
import { findMpicc } from './mpi_compiler.mjs';
import { MPI_NAMES, runnableImplementations } from './mpi_environment.mjs';
import { runMpiProgram } from './mpi_program.mjs';
import { root } from './paths.mjs';
import { runOrThrow } from './programs.mjs';
import { setUp } from './setup.mjs';

/** @typedef {import('./mpi_environment.mjs').Implementation} Implementation */
/** @typedef {import('./mpi_program.mjs').MpiProgram & { implementations?: Implementation[], isRight: (stdout: string) => boolean }} Program */
/** @typedef {import('./watched_run.mjs').Ended} Ended */

/** Of test/programs; served: under our launcher. With one rank, workers are spawned. @type {readonly Program[]} */
const programs = [
  {
    program: 'mpi_faults.mjs',
    ranks: 3,
    served: true,
    isRight: (stdout) => {
      /** @type {number[]} */
      const outcomes = Object.values(JSON.parse(stdout));
      return outcomes.reduce((sum, count) => sum + count, 0) === 88;
    },
  },
  {
    program: 'communicator_faults.mjs',
    ranks: 2,
    served: false,
    isRight: (stdout) => stdout === 'done\ndone\n',
  },
  {
    program: 'one_task.mjs',
    ranks: 1,
    served: false,
    implementations: ['openmpi'],
    isRight: (stdout) => stripVTControlCharacters(stdout) === 'answer 42\n',
  },
];

/** Milliseconds: some fifty times what a program takes, and longer than whatever the addon waits for. */
const DEADLINE = 120_000;
/** Later calls than this one are those of the same place. */
const LAST_CALL = 64;
const AT_ONCE = 2;

const isTold = /Error\b|mpi-futures:/;

void runAsProgram(import.meta.url, async () => {
  await setUp();
  const words = process.argv.slice(2);
  const implementations = runnableImplementations();
  const isImplementation = (/** @type {string} */ word) =>
    implementations.some((implementation) => implementation === word);
  const calls = words.filter((word) => !isImplementation(word));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mpi-futures-faults-'));
  let bad = 0;
  try {
    for (const implementation of implementations)
      if (!words.some(isImplementation) || words.includes(implementation))
        bad += await test(implementation, calls, folder);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  return bad === 0 ? 0 : 1;
});

/**
 * @param {Implementation} implementation
 * @param {string[]} calls - none: all
 * @param {string} folder
 * @returns {Promise<number>} how many runs were not as they should be
 */
async function test(implementation, calls, folder) {
  const guard = path.join(folder, `guard.${implementation}.so`);
  const source = path.join(root, 'test/native/guard.c');
  const compiler = findMpicc(implementation);
  if (compiler === undefined)
    throw new ScriptError(`There is no mpicc of ${MPI_NAMES[implementation]}`);
  runOrThrow(compiler, ['-shared', '-fPIC', '-O1', '-o', guard, source, '-ldl']);
  let runs = 0;
  let errors = 0;
  let bad = 0;
  let slowest = { fault: '', seconds: 0 };
  const begun = Date.now();
  for (const program of programs) {
    if (program.implementations?.includes(implementation) === false) continue;
    const faults = (await faultsOf(implementation, program, guard, folder)).filter(
      (fault) => calls.length === 0 || calls.some((call) => fault.startsWith(`${call} `)),
    );
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let fault = faults.shift(); fault !== undefined; fault = faults.shift()) {
          const ended = await run(implementation, program, {
            LD_PRELOAD: guard,
            MPI_FUTURES_TEST_FAULT: fault,
          });
          runs++;
          if (ended.status !== 0) errors++;
          if (ended.seconds > slowest.seconds) slowest = { fault, seconds: ended.seconds };
          const problem = problemOf(ended, program);
          if (problem === undefined) continue;
          bad++;
          console.log(
            `${MPI_NAMES[implementation]}, ${program.program}, ${fault}: ${problem}; ${ended.status}, ` +
              `${ended.seconds} s\n${ended.stdout}${ended.stderr}`,
          );
        }
      }),
    );
  }
  console.log(
    `${MPI_NAMES[implementation]}: ${runs} runs in ${Math.round((Date.now() - begun) / 1000)} s, ${errors} ended with an error, ` +
      `${bad} bad; the slowest ${slowest.seconds} s (${slowest.fault})`,
  );
  return bad;
}

/**
 * The calls of this program that can be made to fail: those that it makes when nothing fails.
 * @param {Implementation} implementation
 * @param {Program} program
 * @param {string} guard
 * @param {string} folder
 */
async function faultsOf(implementation, program, guard, folder) {
  const file = path.join(folder, `${program.program}.${implementation}`);
  const ended = await run(implementation, program, {
    LD_PRELOAD: guard,
    MPI_FUTURES_TEST_CALLS: file,
  });
  if (ended.status !== 0 || problemOf(ended, program) !== undefined)
    throw new ScriptError(`${program.program} fails by itself:\n${ended.stdout}${ended.stderr}`);
  const lines = new Set(fs.readFileSync(file, 'utf8').trim().split('\n'));
  return [...lines].flatMap((line) => {
    const [call = '', number, rank] = line.split(' ');
    if (Number(number) > LAST_CALL || Number(rank) > 1) return [];
    // "From that call on" is tried once per function, and only where there is more than one call.
    return number === '2' ? [line, `${call} 2+ ${rank}`] : [line];
  });
}

/**
 * @param {Ended} ended
 * @param {Program} program
 */
function problemOf({ status, stdout, stderr, left, isLate }, { isRight }) {
  if (isLate) return 'it hangs';
  if (hasCrashed(stderr)) return 'it crashes';
  if (left > 0) return `${left} processes are left behind`;
  if (status !== 0) return isTold.test(stdout + stderr) ? undefined : 'nobody says why';
  try {
    return isRight(stdout) ? undefined : 'its result is wrong';
  } catch {
    return 'it has no result';
  }
}

/**
 * @param {Implementation} implementation
 * @param {Program} program
 * @param {Record<string, string>} settings
 */
function run(implementation, program, settings) {
  const env = { ...settings, MPI_FUTURES_MAX_WORKERS: '2' };
  return runMpiProgram(implementation, program, { deadline: DEADLINE, env });
}
