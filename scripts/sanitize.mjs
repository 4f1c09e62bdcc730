// `npm run test:sanitize [-- thread|address] [openmpi|mpich] [program.mjs …]`: runs programs of the tests with an addon that was
// built with ThreadSanitizer, then with AddressSanitizer and UndefinedBehaviorSanitizer, on each MPI.
//
// Node.js and MPI are not instrumented, so the runtime of the sanitizer is preloaded. It then sees the memory functions and the
// locks of their code, but not the atomics and futexes that order them. So ThreadSanitizer reports races inside V8, libuv, hwloc
// and PMIx, and the lock order in Open MPI's transports. These reports are only counted. A report is a failure if code of the
// addon takes part in it. Suppressions cannot express this: a suppression matches any function in a stack, also a caller of
// the addon's code.

import fs from 'node:fs';
import path from 'node:path';
import { runAsProgram, ScriptError } from './main.mjs';
import { MPI_NAMES, runnableImplementations } from './mpi_environment.mjs';
import { runMpiProgram } from './mpi_program.mjs';
import { root } from './paths.mjs';
import { capture, findProgram, runOrThrow } from './programs.mjs';
import { setUp } from './setup.mjs';

/** @typedef {import('./mpi_environment.mjs').Implementation} Implementation */
/** @typedef {{ name: string, folder: string, flags: string, runtime: string, variables: (log: string) => Record<string, string> }} Sanitizer */

/** @type {readonly Sanitizer[]} */
const sanitizers = [
  {
    name: 'thread',
    folder: path.join(root, 'build/tsan'),
    flags: 'thread',
    runtime: 'libtsan.so',
    variables: (log) => ({
      TSAN_OPTIONS: [
        `log_path=${log}`,
        'exitcode=0', // with another status MPI would end the other ranks; failures are found in the reports
        'report_thread_leaks=0', // the MPI thread is detached, because it may be inside MPI at the end
        'history_size=4',
        'allocator_may_return_null=1', // the addon tries to allocate sizes that a peer has sent
      ].join(':'),
    }),
  },
  {
    name: 'address',
    folder: path.join(root, 'build/asan'),
    flags: 'address;undefined',
    runtime: 'libasan.so',
    variables: (log) => ({
      // No search for leaks: at the end of a process nothing is freed that the MPI thread uses, and Node.js and MPI do not
      // free everything. test/programs/native_counts.mjs finds leaks. V8 handles SIGSEGV itself. The addon tries to allocate
      // sizes that a peer has sent.
      ASAN_OPTIONS: `log_path=${log}:detect_leaks=0:handle_segv=0:exitcode=99:allocator_may_return_null=1`,
      UBSAN_OPTIONS: 'print_stacktrace=1',
    }),
  },
];

/**
 * Of test/programs. Isolated: the tasks run beside MPI.
 *
 * @type {readonly (import('./mpi_program.mjs').MpiProgram & { isolated?: boolean })[]}
 */
const programs = [
  { program: 'packets.mjs', ranks: 1, served: false },
  { program: 'two_pools.mjs', ranks: 3, served: true },
  { program: 'pool.mjs', ranks: 3, served: true },
  { program: 'pool.mjs', ranks: 3, served: true, isolated: true },
  { program: 'values.mjs', ranks: 3, served: true },
  { program: 'bulk.mjs', ranks: 3, served: true },
  { program: 'direct_way.mjs', args: ['direct'], ranks: 3, served: true, isolated: true },
  { program: 'comm_executor.mjs', ranks: 3, served: false },
  { program: 'communicators.mjs', ranks: 3, served: false },
  { program: 'messages.mjs', ranks: 2, served: false },
  { program: 'collectives.mjs', ranks: 3, served: false },
];

/** Milliseconds for one program: some hundred times what it takes without a sanitizer. */
const DEADLINE = 600_000;

void runAsProgram(import.meta.url, async () => {
  await setUp();
  const words = process.argv.slice(2);
  const implementations = runnableImplementations();
  const kinds = sanitizers.map(({ name }) => name);
  const files = [...new Set(programs.map(({ program }) => program))];
  const known = [...implementations, ...kinds, ...files];
  const unknown = words.find((word) => !known.includes(word));
  if (unknown !== undefined)
    throw new ScriptError(`Expected some of ${known.join(', ')} but received ${unknown}`);
  const isChosen = (/** @type {string} */ word, /** @type {readonly string[]} */ kind) =>
    words.includes(word) || !kind.some((each) => words.includes(each));
  const chosen = programs.filter(({ program }) => isChosen(program, files));
  let bad = 0;
  for (const sanitizer of sanitizers) {
    if (!isChosen(sanitizer.name, kinds)) continue;
    build(sanitizer);
    for (const implementation of implementations)
      if (isChosen(implementation, implementations))
        bad += await test(sanitizer, implementation, chosen);
  }
  return bad === 0 ? 0 : 1;
});

/** @param {Sanitizer} sanitizer */
function build({ folder, flags }) {
  console.log(`Building the addon with -fsanitize=${flags.replace(';', ',')} into ${folder}`);
  runOrThrow('cmake', ['-S', root, '-B', folder, `-DMPI_FUTURES_SANITIZE=${flags}`]);
  runOrThrow('cmake', ['--build', folder, '--parallel', '2']);
}

/**
 * @param {Sanitizer} sanitizer
 * @param {Implementation} implementation
 * @param {typeof programs} chosen
 * @returns {Promise<number>} how many checks, programs and processes were not as they should be
 */
async function test(sanitizer, implementation, chosen) {
  const reports = path.join(sanitizer.folder, 'reports');
  fs.rmSync(reports, { recursive: true, force: true });
  fs.mkdirSync(reports, { recursive: true });
  let checks = 0;
  let bad = 0;
  for (const each of chosen) {
    const name = each.isolated ? `isolated-${each.program}` : each.program;
    const { status, output } = await run(sanitizer, implementation, each, path.join(reports, name));
    const outcomes = output.split('\n').filter((line) => line.startsWith('{"check":'));
    const failed = outcomes.filter((line) => !JSON.parse(line).ok);
    // UndefinedBehaviorSanitizer, combined with the other one, ignores log_path and writes to stderr.
    const undefinedBehavior = output.split('\n').filter((line) => line.includes('runtime error:'));
    for (const line of new Set(undefinedBehavior)) console.log(`${name}: ${line}`);
    bad += undefinedBehavior.length;
    checks += outcomes.length;
    bad += failed.length;
    if (status === 0 && outcomes.length > 0 && failed.length === 0) continue;
    if (failed.length === 0) bad++;
    console.log(`${name} ended with ${status}:\n${output}`);
  }
  let others = 0;
  for (const file of fs.readdirSync(reports)) {
    for (const report of reportsIn(fs.readFileSync(path.join(reports, file), 'utf8'))) {
      if (!isOurs(report)) {
        others++;
        continue;
      }
      bad++;
      console.log(`${file}:\n${report}`);
    }
  }
  console.log(
    `${sanitizer.name} sanitizer, ${MPI_NAMES[implementation]}: ${chosen.length} programs, ${checks} checks, ` +
      `${bad} bad; ${others} reports of code that is not ours`,
  );
  return bad;
}

/**
 * ThreadSanitizer ends each of its reports by such a line; whatever the others write is one.
 * @param {string} text
 */
function reportsIn(text) {
  return text
    .replace(/^==\d+==WARNING: AddressSanitizer failed to allocate .+\n/gm, '') // intended by the programs
    .split(/^={18}$/m)
    .filter((part) => /WARNING|ERROR/.test(part));
}

/**
 * Any report of AddressSanitizer; one of ThreadSanitizer if in any of its stacks, but for those in which threads were created, the innermost function is the addon's: below an MPI
 * call, it is not.
 * @param {string} report
 */
function isOurs(report) {
  if (!report.includes('WARNING: ThreadSanitizer')) return true;
  const stacks = report.split(/^(?=.*#0 )/m).map((text, index, all) => ({
    isCreation: /created by/.test(all[index - 1]?.trimEnd().split('\n').at(-1) ?? ''),
    frames: text.split('\n').filter((line) => /^ *#\d/.test(line)),
  }));
  return stacks.some(({ isCreation, frames }) => {
    const innermost = frames.find((frame) => !/\(lib(tsan|stdc\+\+)\.so/.test(frame)) ?? '';
    return !isCreation && /\((openmpi|mpich|sandbox)\.node\+/.test(innermost);
  });
}

/**
 * @param {Sanitizer} sanitizer
 * @param {Implementation} implementation
 * @param {(typeof programs)[number]} program
 * @param {string} log - where reports go, a process id behind it
 */
async function run({ name, folder, runtime, variables }, implementation, program, log) {
  const library = capture('g++', [`-print-file-name=${runtime}`]).output.trim();
  const settings = {
    MPI_FUTURES_ADDON: path.join(folder, `${implementation}.node`),
    LD_PRELOAD: library,
    MPI_FUTURES_ISOLATE: program.isolated ? '1' : '0',
    ...variables(log),
  };
  // Without address randomization, which may occupy the addresses that ThreadSanitizer needs for its shadow memory.
  const setarch = name === 'thread' && findProgram('setarch') ? ['setarch', '-R'] : [];
  // Set for the ranks only.
  const within = ['env', ...Object.entries(settings).map(([key, value]) => `${key}=${value}`)];
  const ended = await runMpiProgram(implementation, program, {
    deadline: DEADLINE,
    within: [...within, ...setarch],
  });
  return { status: ended.isLate ? 'too late' : ended.status, output: ended.stdout + ended.stderr };
}
