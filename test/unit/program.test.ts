import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromPs, processesOf, type ProcessInfo } from '../../scripts/marked_processes.mjs';
import { root } from '../../scripts/paths.mjs';
import { roleOf } from '../support/process_tree.js';
import { expectStatus, runProgram, type ProgramOptions } from '../support/program.js';
import {
  ProcessesLeftError,
  ProgramHangsError,
  UnexpectedEndError,
  type RunningProgram,
} from '../support/run.js';
import { describeUnless, unlessLinux } from '../support/unless.js';

let directory: string;
beforeAll(() => (directory = mkdtempSync(path.join(tmpdir(), 'mpi-futures-'))));
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs source text as a program. */
function run(source: string, options: Omit<ProgramOptions, 'program'> = {}) {
  const program = path.join(
    directory,
    `${expect.getState().currentTestName?.replace(/\W+/g, '_')}.mjs`,
  );
  writeFileSync(program, source);
  return runProgram({ program, ...options });
}

/** Sleeps for longer than any test takes. */
const sleeper = `setTimeout(() => {}, 1e6)`;
const startSleeper = `
  import { spawn } from 'node:child_process';
  const child = spawn(process.execPath, ['-e', ${JSON.stringify(sleeper)}], { detached: true, stdio: 'ignore' });
  child.unref();
  console.log(child.pid);
`;

describe('runProgram', () => {
  test('gives status, output and time', async () => {
    const result = await run(`console.log('out'); console.error('err'); process.exit(3)`);
    expect(result).toMatchObject({ status: 3, signal: null, stdout: 'out\n', stderr: 'err\n' });
    expect(result.duration).toBeGreaterThan(0);
  });

  test('passes arguments, environment, node flags and standard input', async () => {
    const source = `
      import { text } from 'node:stream/consumers';
      console.log(process.argv[2], process.env.COLOUR, process.execArgv[0], await text(process.stdin));
    `;
    const options = {
      args: ['one'],
      env: { COLOUR: 'red' },
      nodeArgs: ['--no-warnings'],
      stdin: 'two',
    };
    expect((await run(source, options)).stdout).toBe('one red --no-warnings two\n');
  });

  test('does not pass on what jest has set', async () => {
    expect(
      (await run(`console.log(process.env.NODE_ENV, process.env.JEST_WORKER_ID)`)).stdout,
    ).toBe('undefined undefined\n');
  });

  test('reports a program that hangs: what it is, where it waits and what it said', async () => {
    const running = run(`console.log('so far'); console.error('so good'); ${sleeper}`, {
      deadline: 8000,
    });
    const { message } = await failure(running, ProgramHangsError);
    expect(message).toMatch(/did not end within 8 s/);
    expect(message).toMatch(/- process without rank, pid \d+, parent \d+, sleeping: .*\.mjs/);
    if (process.platform === 'linux') expect(message).toMatch(/main thread node sleeping in \w+/);
    expect(message).toMatch(/\| so far/);
    expect(message).toMatch(/\| so good/);
  });

  test('notices a program that does nothing, before its deadline', async () => {
    const running = run(`console.log('so far'); ${sleeper}`, { silence: 2000 });
    expect((await failure(running, ProgramHangsError)).message).toMatch(/did nothing for 2 s/);
  });

  test('lets a program go on that prints', async () => {
    const later = (body: string) => `const end = Date.now() + 5000; ${body}`;
    const printing = later(`const t = setInterval(() => {
      console.log('on'); if (Date.now() > end) clearInterval(t); }, 100);`);
    expectStatus(await run(printing, { silence: 2500 }), 0);
  });

  test('ends a program that hangs', async () => {
    let processes: RunningProgram['processes'] | undefined;
    const running = run(`${startSleeper} ${sleeper}`, {
      deadline: 8000,
      async whileRunning(program) {
        await program.printed(/\d+/);
        expect(program.processes()).toHaveLength(2);
        processes = () => program.processes();
      },
    });
    await failure(running, ProgramHangsError);
    expect(processes?.()).toEqual([]);
  });

  test('ends a program that hangs and does not heed SIGTERM', async () => {
    const running = run(`process.on('SIGTERM', () => {}); ${sleeper}`, { deadline: 2000 });
    await failure(running, ProgramHangsError);
  });

  test('catches a process that is left behind, names it and ends it', async () => {
    let processes: RunningProgram['processes'] | undefined;
    const running = run(startSleeper, {
      afterlife: 1000,
      async whileRunning(program) {
        await program.printed(/\d+/);
        processes = () => program.processes();
      },
    });
    expect((await failure(running, ProcessesLeftError)).message).toMatch(
      /left behind:\n.*pid \d+.*setTimeout/,
    );
    expect(processes?.()).toEqual([]);
  });

  test('lets a test act on the program while it runs', async () => {
    const result = await run(
      `process.on('SIGINT', () => process.exit(7)); console.log('ready'); ${sleeper}`,
      {
        async whileRunning(program) {
          await program.printed(/ready/);
          program.signal('SIGINT');
        },
      },
    );
    expect(result.status).toBe(7);
  });

  test('keeps nothing of a program that has printed what the test waits for', async () => {
    const folder = path.join(root, 'build/failed_programs');
    const kept = () =>
      existsSync(folder) ? readdirSync(folder).filter((name) => name.includes(`-${process.pid}-`)) : []; // prettier-ignore
    const before = kept();
    await run(`console.log('ready')`, {
      async whileRunning(program) {
        await program.printed(/ready/);
      },
    });
    expect(kept()).toEqual(before);
  });

  test('says so when a program ends before it has printed what the test waits for', async () => {
    const running = run(`console.log('something else')`, {
      async whileRunning(program) {
        await program.printed(/ready/);
      },
    });
    expect((await failure(running, UnexpectedEndError)).message).toMatch(
      /ended before it printed \/ready\/[^]*\| something else/,
    );
  });

  test('a status that was not expected is shown with the output', async () => {
    const result = await run(`console.error('this is why'); process.exit(2)`);
    expect(() => expectStatus(result, 0)).toThrow(
      /Expected status 0 but .* status 2[^]*\| this is why/,
    );
    expectStatus(result, 2);
  });

  test('what a failed one has said is kept, all of it', async () => {
    const result = await run(
      `for (let i = 0; i < 50; i++) console.log('line', i); process.exit(2)`,
    );
    const expecting = Promise.resolve().then(() => expectStatus(result, 0));
    const { message } = await failure(expecting, UnexpectedEndError);
    expect(message).not.toMatch(/line 0$/m);
    const file = /^All of it: (.*)$/m.exec(message)?.[1] ?? '';
    const kept = readFileSync(file, 'utf8');
    rmSync(file);
    expect(kept).toMatch(
      /^.*node\S* \S+\.mjs\nExpected status 0 but the program ended with status 2 after \d+ ms\n--- stdout\nline 0\n[^]*line 49\n/m,
    );
  });
});

const describeOnLinux = describeUnless(unlessLinux);

// The test looks at the name of the process, and at the call in which its main thread waits.
describeOnLinux('an mpiexec that does not end', () => {
  const inLock = `console.log('all is said'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`;
  const named = (name: string) => ['/bin/bash', '-c', `exec -a ${name} "$@"`, 'bash'];
  const options = { within: named('mpiexec'), silence: 3000, mpiexecMayHang: true };

  test('by itself, when all others have ended: it is ended, and that is told', async () => {
    const result = await run(inLock, options);
    expect(result).toMatchObject({ mpiexecHung: true, signal: 'SIGKILL', stdout: 'all is said\n' });
  });

  test.each([
    ['waits for others', sleeper, {}],
    ['is there beside another process', startSleeper + inLock, {}],
    ['has another name', inLock, { within: named('orted') }],
    ['must not hang', inLock, { mpiexecMayHang: false }],
  ])('%s: the program hangs', async (_, source, others) => {
    const { message } = await failure(run(source, { ...options, ...others }), ProgramHangsError);
    expect(message).toMatch('did nothing for 3 s');
  });
});

describeOnLinux('an mpiexec of Open MPI that fails itself', () => {
  const said = 'all is said';
  const hang = `exec -a mpiexec ${process.execPath} -e 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'`;
  const crash = `cat >&2 <<END
[vm:7] *** Process received signal ***
[vm:7] [ 1] /usr/lib/libpmix.so.2(PMIx_server_finalize+0xa)[0x7fca7b914225]
[vm:7] [ 2] mpiexec.openmpi(+0x13b9)[0x55ff2db9c3b9]
[vm:7] *** End of error message ***
END
exit 139`;

  /** One that fails as often, and works from then on. */
  function failing(times: number, how: string): Partial<ProgramOptions> {
    const mpiexec = path.join(mkdtempSync(path.join(directory, 'bin-')), 'mpiexec');
    const script = `[[ $(wc -l 2>/dev/null <"$0.runs") -lt ${times} ]] || { shift 2; exec "$@"; }\necho >>"$0.runs"\n${how}\n`;
    writeFileSync(mpiexec, `#!/bin/bash\n${script}`, { mode: 0o755 });
    return { mpi: 'openmpi', mpiexec, silence: 3000 };
  }

  let warn: jest.SpyInstance;
  beforeEach(() => (warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined)));
  afterEach(() => warn.mockRestore());

  test.each([
    ['hangs', hang, /mpiexec itself hung, with no other process left: the program is run again$/],
    ['crashes', crash, /mpiexec itself has crashed: the program is run again$/],
  ])('%s: the program is run once more, and that is told', async (_, how, told) => {
    const result = await run(`console.log('${said}')`, failing(1, how));
    expect(result).toMatchObject({ status: 0, stdout: `${said}\n`, mpiexecHung: false });
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(told));
  });

  test('hangs again: that is a failure', async () => {
    const again = run(`console.log('${said}')`, failing(2, hang));
    await failure(again, ProgramHangsError);
  });

  test('crashes again: that is how the program has ended', async () => {
    expect(await run(`console.log('${said}')`, failing(2, crash))).toMatchObject({ status: 139 });
  });
});

describeOnLinux('the daemon of a program without mpiexec', () => {
  const leave = (args: string[], status: number) => `
    import { spawn } from 'node:child_process';
    spawn(process.execPath, ['-e', ${JSON.stringify(sleeper)}, '--', ...${JSON.stringify(args)}],
      { argv0: 'orted', detached: true, stdio: 'inherit' }).unref();
    process.exit(${status});`;
  const ofSingleton = ['--singleton-died-pipe', '26'];

  test('stays behind one that has failed: it is ended, and that is told', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const result = await run(leave(ofSingleton, 1), { afterlife: 500 });
    expectStatus(result, 1);
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(/left its daemon:\n- daemon orted/));
    warn.mockRestore();
  });

  test.each([
    ['stays behind one that has ended well', ofSingleton, 0],
    ['of another program stays behind', [], 1],
  ])('%s: that is a failure', async (_, args, status) => {
    await failure(run(leave(args, status), { afterlife: 500 }), ProcessesLeftError);
  });
});

describe('processes of a run', () => {
  test('ps finds the same as /proc', async () => {
    expect.assertions(2);
    const untilTold = `process.once('SIGTERM', () => process.exit()); ${sleeper}`;
    await run(`${untilTold}; console.log('ready')`, {
      async whileRunning(program) {
        await program.printed(/ready/);
        const [found] = program.processes();
        const marker = `MPI_FUTURES_TEST_RUN=${found?.environment.MPI_FUTURES_TEST_RUN}`;
        expect(processesOf(marker).map(({ pid }) => pid)).toEqual([found?.pid]);
        expect(
          fromPs(marker).map(({ pid, parent, command }) => ({ pid, parent, command })),
        ).toEqual([{ pid: found?.pid, parent: found?.parent, command: found?.command }]);
        program.signal('SIGTERM');
      },
    });
  });

  test.each([
    ['/usr/bin/mpiexec.openmpi -n 1 node', {}, 'mpiexec'],
    ['orted --hnp', {}, 'daemon orted'],
    ['/usr/bin/hydra_pmi_proxy --rmk user', {}, 'daemon hydra_pmi_proxy'],
    ['node app.mjs', { OMPI_COMM_WORLD_RANK: '0' }, 'master rank 0'],
    ['node app.mjs', { PMI_RANK: '2' }, 'worker rank 2'],
    [
      'node worker.js',
      { OMPI_COMM_WORLD_RANK: '0', OMPI_PARENT_PORT: '1.0' },
      'spawned worker rank 0',
    ],
    ['node worker.js', { PMI_RANK: '1', PMI_SPAWNED: '1' }, 'spawned worker rank 1'],
    ['node app.mjs', {}, 'process without rank'],
  ])('%s with %p is: %s', (command, environment, role) => {
    const info: ProcessInfo = { pid: 2, parent: 1, state: 'S', command, environment };
    expect(roleOf(info)).toBe(role);
  });
});

async function failure(
  running: Promise<unknown>,
  type: new (...args: never[]) => Error,
): Promise<Error> {
  const error = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(type);
  return error as Error;
}
