// `npm run test:faults [-- openmpi|mpich] [call …]`: each function of MPI that the addon uses fails in turn, at its first call,
// at the second, the fourth and so on, once and for good, and so does each allocation. test/native/guard.c makes them fail.
// Whatever fails, a program ends with the right result or with an error that is told: it never hangs or crashes, and leaves no
// process behind. Linux. Some minutes for each MPI, and so not part of .ci/run; test/mpi/faults.test.ts has a few of them.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { runAsProgram, ScriptError } from './main.mjs';
import { findMpicc } from './mpi_compiler.mjs';
import {
  findMpiexec,
  launchEnvironment,
  MPI_NAMES,
  runnableImplementations,
} from './mpi_environment.mjs';
import { root } from './paths.mjs';
import { runOrThrow } from './programs.mjs';
import { setUp } from './setup.mjs';

/** @typedef {import('./mpi_environment.mjs').Implementation} Implementation */
/** @typedef {{ program: string, ranks: number, served: boolean, implementations?: Implementation[], isRight: (stdout: string) => boolean }} Program */
/** @typedef {{ status: string | number | null, stdout: string, stderr: string, left: number, seconds: number }} Ended */

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
/** Milliseconds in which the processes of a program that has ended are gone, too. */
const GRACE = 20_000;
/** Later calls than this one are those of the same place. */
const LAST_CALL = 64;
const AT_ONCE = 2;

const isCrash =
  /terminate called|Segmentation|core dumped|Signal code|EXIT CODE: (6|11|134|139)\b|\(signal (6|11)\)|AddressSanitizer/;
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
 * What can fail in this program: what it calls when nothing fails.
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
    // From that call on: once for each, and not for those that there are once.
    return number === '2' ? [line, `${call} 2+ ${rank}`] : [line];
  });
}

/**
 * @param {Ended} ended
 * @param {Program} program
 */
function problemOf({ status, stdout, stderr, left }, { isRight }) {
  if (status === 'SIGTERM') return 'it hangs';
  if (isCrash.test(stderr)) return 'it crashes';
  if (left > 0) return `${left} processes are left behind`;
  if (status !== 0) return isTold.test(stdout + stderr) ? undefined : 'nobody says why';
  try {
    return isRight(stdout) ? undefined : 'its result is wrong';
  } catch {
    return 'it has no result';
  }
}

let number = 0;

/**
 * @param {Implementation} implementation
 * @param {Program} what
 * @param {Record<string, string>} settings
 * @returns {Promise<Ended>}
 */
function run(implementation, { program, ranks, served }, settings) {
  const mpiexec = findMpiexec(implementation);
  if (mpiexec === undefined)
    throw new ScriptError(`There is no mpiexec of ${MPI_NAMES[implementation]}`);
  const mark = `${process.pid}.${number++}`;
  const args = [
    ...['-n', String(ranks), process.execPath],
    ...(served ? [path.join(root, 'dist/cli/main.js')] : []),
    path.join(root, 'test/programs', program),
  ];
  return new Promise((resolve, reject) => {
    const begun = Date.now();
    let stdout = '';
    let stderr = '';
    const child = spawn(mpiexec, args, {
      env: {
        ...launchEnvironment(implementation),
        ...settings,
        MPI_FUTURES_MAX_WORKERS: '2',
        MPI_FUTURES_TEST_MARK: mark,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DEADLINE,
      killSignal: 'SIGTERM',
    });
    child.stdout.on('data', (text) => (stdout += String(text)));
    child.stderr.on('data', (text) => (stderr += String(text)));
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const seconds = (Date.now() - begun) / 1000;
      void processesLeft(mark).then((left) => {
        resolve({ status: signal ?? code, stdout, stderr, left, seconds });
      });
    });
  });
}

/**
 * How many processes with this mark are there when they had time to end. They are ended then.
 * @param {string} mark
 */
async function processesLeft(mark) {
  const end = Date.now() + GRACE;
  let left = marked(mark);
  while (left.length > 0 && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    left = marked(mark);
  }
  for (const pid of left) process.kill(pid, 'SIGKILL');
  return left.length;
}

/**
 * @param {string} mark
 * @returns {number[]} process ids
 */
function marked(mark) {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const environment = fs.readFileSync(`/proc/${pid}/environ`, 'latin1');
        return environment.split('\0').includes(`MPI_FUTURES_TEST_MARK=${mark}`);
      } catch {
        return false; // it is not there any more, or somebody else's
      }
    });
}
