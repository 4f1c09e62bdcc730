/** `mpi-futures -n N …`, which starts mpiexec itself. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { permission } from '../../lib/addon/oversubscription.js';
import { signalAll } from '../../scripts/marked_processes.mjs';
import { majorOfOpenMpi } from '../../scripts/mpi_environment.mjs';
import { writePrograms, type Printed } from '../support/launched_programs.js';
import { availableMpis, describeOn, LAUNCHER, programFile, WORKERS } from '../support/layouts.js';
import { roleOf } from '../support/process_tree.js';
import { expectStatus, killVictim, runProgram, type ProgramOptions } from '../support/program.js';
import { testUnless } from '../support/unless.js';

const stack = /^\s+at .+(\.js|\.mjs|node:\S+):\d+:\d+\)?\s*$/m;

let folder: string;
beforeAll(() => {
  folder = writePrograms('mpiexec');
});

const launch = (args: readonly string[], options: Partial<ProgramOptions> = {}) =>
  runProgram({ mpi: null, program: LAUNCHER, cwd: folder, args, ...options });

for (const mpi of ['openmpi', 'mpich'] as const) {
  const env = { MPI_FUTURES_MPI: mpi };

  describeOn(mpi, `mpi-futures -n N with ${mpi}`, () => {
    // mpi4py: `mpi-futures -n N` starts mpiexec itself
    test('runs a program with the flags of this Node.js and options of mpiexec', async () => {
      const args = ['-n', '3', '--host', 'localhost:3', 'app.js', '-n', '1'];
      const result = await launch(args, { env, nodeArgs: ['--stack-size=900'] });
      expectStatus(result, 0);
      const { workers, argv, execArgv } = JSON.parse(result.stdout) as Printed;
      expect({ workers, args: argv.slice(1), execArgv }).toEqual({
        workers: 2,
        args: ['-n', '1'],
        execArgv: ['--stack-size=900'],
      });
    });

    test('reads a program of any size from standard input', async () => {
      const text = `// ${'much to read '.repeat(100_000)}\nconsole.log('read', process.argv[2]);`;
      const result = await launch(['-n', '2', '-', 'all'], { env, stdin: text });
      expectStatus(result, 0);
      expect(result.stdout.trim()).toBe('read all');
    });

    test('says that a rank has died, and what isolation would have done', async () => {
      const args = [programFile('lost_worker.mjs')];
      const result = await launch(['-n', '3', ...args], { env, whileRunning: killVictim });
      expect(result.status).not.toBe(0);
      const words = 'a rank has died, and all end with it. With mpi-futures -n 3 --isolate';
      expect(result.stderr).toMatch(words);
      const isolated = ['-n', '3', '--isolate', ...args];
      expectStatus(await launch(isolated, { env, whileRunning: killVictim }), 0);
    });

    test('ends with the status of the program, whose queued work is dropped', async () => {
      const args = ['-n', '3', programFile('ends.mjs'), 'exits with 3 while work is queued'];
      expectStatus(await launch(args, { env }), 3);
    });

    test.each([
      ['SIGINT', 130],
      ['SIGTERM', 143],
      // mpi4py: Ctrl-C: 130
    ] as const)('ends on %s with status %i', async (signal, status) => {
      const result = await launch(['-n', '3', programFile('busy.mjs')], {
        env,
        async whileRunning(program) {
          await program.printed(/working/);
          program.signal(signal);
        },
      });
      expectStatus(result, status);
    });

    // runProgram fails if a process still exists 30 s after the end.
    test.each([1, 1 + WORKERS])('leaves none of %i ranks when it is killed', async (ranks) => {
      const result = await launch(['-n', String(ranks), programFile('busy.mjs')], {
        env,
        async whileRunning(program) {
          await program.printed(/working/);
          program.signal('SIGKILL');
        },
      });
      expect(result.signal).toBe('SIGKILL');
    });

    test('is refused under mpiexec', async () => {
      const result = await launch(['-n', '2', 'app.js'], { mpi, ranks: 2 });
      expectStatus(result, 1);
      expect(result.stderr.match(/leave out -n N/g)).toHaveLength(1);
    });

    test('says which mpiexec is missing', async () => {
      const result = await launch(['-n', '2', 'app.js'], { env: { ...env, PATH: '/nowhere' } });
      expectStatus(result, 1);
      expect(result.stderr).toMatch(/Expected an mpiexec of (Open MPI|MPICH) on PATH/);
      expect(result.stderr).not.toMatch(stack);
    });
  });
}

describeOn('mpich', 'Ctrl-C under the mpiexec of mpich', () => {
  // mpi4py: Ctrl-C: 130
  test.each(['mpiexec alone', 'every process'])(
    'that reaches %s ends the program with status 130',
    async (whom) => {
      const result = await launch([programFile('busy.mjs')], {
        mpi: 'mpich',
        ranks: 3,
        async whileRunning(program) {
          await program.printed(/working/);
          program.signal('SIGINT');
          if (whom === 'mpiexec alone') return;
          const ranks = program.processes().filter((info) => roleOf(info).includes('rank'));
          signalAll(ranks, 'SIGINT'); // some may have ended by the one that mpiexec has passed on
        },
      });
      expectStatus(result, 130);
    },
  );
});

describeOn('openmpi', 'where the mpiexec of openmpi refuses', () => {
  const env = { MPI_FUTURES_MPI: 'openmpi' };

  test('more processes than cores, it is said what to add', async () => {
    const result = await launch(['-n', '1000', 'app.js'], {
      env: {
        ...env,
        OMPI_MCA_rmaps_base_oversubscribe: undefined,
        PRTE_MCA_rmaps_default_mapping_policy: undefined,
        PRTE_MCA_mapby: undefined,
      },
    });
    const major = majorOfOpenMpi();
    expectStatus(result, major < 6 ? 1 : 77);
    expect(result.stderr).toMatch(
      `mpi-futures -n 1000 --oversubscribe …, or set ${permission(major)}\n`,
    );
  });

  testUnless(process.getuid?.() === 0 ? undefined : 'only root is refused')(
    'to run as root, it is said what to add',
    async () => {
      const result = await launch(['-n', '2', 'app.js'], {
        env: { ...env, OMPI_ALLOW_RUN_AS_ROOT: undefined, PRTE_ALLOW_RUN_AS_ROOT: undefined },
      });
      expectStatus(result, 1);
      expect(result.stderr).toMatch('mpi-futures -n 2 --allow-run-as-root');
    },
  );
});

describeOn('openmpi', 'of several that are of openmpi', () => {
  test('the mpiexec that is first on PATH is used', async () => {
    const directory = mkdtempSync(`${tmpdir()}/mpi-`);
    const script = '#!/bin/sh\necho "the first (Open MPI) 4.1.4"\n';
    writeFileSync(`${directory}/mpiexec`, script, { mode: 0o755 });
    const PATH = `${directory}:${process.env.PATH ?? ''}`;
    const result = await launch(['-n', '2', 'app.js'], {
      env: { MPI_FUTURES_MPI: 'openmpi', PATH },
    });
    rmSync(directory, { recursive: true });
    expectStatus(result, 0);
    expect(result.stdout).toMatch('the first');
  });
});

describe('mpi-futures -n N', () => {
  test.each([
    [['-n', '0', 'app.js'], /at least 1, but received '0'/],
    [['-n', 'x', 'app.js'], /at least 1, but received 'x'/],
    [['-n', '2', '--such-option', 'app.js'], /Unknown option: --such-option.*--/],
    [['-n', '2', 'missing.js'], /Path does not exist: missing\.js/],
    [['-n', '2', 'without'], /no program in without.*package\.json.*index\.js/],
    [['-n', '2', 'broken.zip'], /Cannot unpack .*broken\.zip as a zip archive/],
    [['-n', '2', 'broken.tgz'], /Cannot unpack .*broken\.tgz as a tar archive/],
    [['-n', '2', '-m', 'no-such-module'], /Cannot find the module no-such-module/],
    [['-n', '2', '-m', 'packaged/hidden'], /Cannot find the module packaged\/hidden.*exports/],
    [['-n', '2', '-m', 'node:fs'], /node:fs is part of Node\.js/],
    [['without'], /no program in without/],
    [['-m', 'no-such-module'], /Cannot find the module no-such-module/],
    [['app.js'], /mpiexec -n N mpi-futures app\.js; or use mpi-futures -n N/],
  ])('refuses %j before it starts anything, without a stack', async (args, words) => {
    const temporary = mkdtempSync(`${tmpdir()}/mpi-`);
    const result = await launch(args, { env: { TMPDIR: temporary } });
    rmSync(temporary, { recursive: true });
    expectStatus(result, 1);
    const [sentence = '', help, ...more] = result.stderr.trimEnd().split('\n');
    expect(sentence).toMatch(words);
    expect([undefined, 'See mpi-futures --help']).toContain(help);
    expect(more).toEqual([]);
  });
});

describe('a command of its own', () => {
  test.each(['build', 'doctor'])('%s --help says what it takes', async (command) => {
    const result = await launch([command, '--help']);
    expectStatus(result, 0);
    expect(result.stdout).toMatch(new RegExp(`^Usage:\\s+mpi-futures ${command} \\[`));
    expect(result.stderr).toBe('');
  });

  test.each([
    ['docter', 'doctor'],
    ['reprot', 'report'],
    ['bulid', 'build'],
    ['help', '--help'],
  ])('%s: asks whether %s was meant, and nothing else', async (word, meant) => {
    const result = await launch([word]);
    expectStatus(result, 1);
    expect(result.stderr).toBe(
      `mpi-futures: Path does not exist: ${word}. Did you mean mpi-futures ${meant}?\n`,
    );
  });

  test('in whose name there is a program is that program', async () => {
    writeFileSync(`${folder}/docter`, "console.log('a program');");
    const result = await launch(['docter'], { mpi: availableMpis()[0]!, ranks: 1 });
    expectStatus(result, 0);
    expect(result.stdout.trim()).toBe('a program');
  });

  test.each([
    [[], 'Expected a program to run', ''],
    [['--trace'], 'Expected a file after --trace', ''],
    [['-n'], 'Expected a number of processes after -n, at least 1, but received nothing', ''],
    [['-n', '2'], 'Expected a program to run', ''],
    [['doctor', '--jsn'], "Unknown option '--jsn'", 'doctor '],
    [['doctor', 'x'], "Unexpected argument 'x'", 'doctor '],
    [['doctor', '--timeout'], "Option '--timeout <value>' argument missing", 'doctor '],
    [['doctor', '--timeout', '9999'], "Expected seconds for --timeout, at most 3600, but received '9999'", 'doctor '], // prettier-ignore
    [['build', '--mpic', 'x'], "Unknown option '--mpic'", 'build '],
    [['build', 'x'], "Unexpected argument 'x'", 'build '],
    [['report'], 'Expected the file of a trace', 'report '],
    [['report', 'a', '--output', 'x'], "Unknown option '--output'", 'report '],
    [['report', 'a', '--out='], 'Expected a file after --out', 'report '],
    [['report', 'a', 'b'], 'Expected one trace but received a and b', 'report '],
  ])('%j is answered by a sentence, and where the help is', async (args, words, topic) => {
    const result = await launch(args);
    expectStatus(result, 1);
    expect(result.stdout).toBe('');
    const [sentence, ...more] = result.stderr.split('\n');
    expect(sentence).toBe(`mpi-futures: ${words}`);
    expect(more).toEqual([`See mpi-futures ${topic}--help`, '']);
  });
});
