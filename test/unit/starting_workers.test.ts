import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { availableParallelism, loadavg } from 'node:os';
import { createInterface } from 'node:readline';

import type { SpawnError } from '../../lib/errors.js';
import type { MasterAddress } from '../../lib/workers/start_reports.js';
import { StartingWorkers } from '../../lib/workers/starting_workers.js';
import { slowStart, warnIfSlow } from '../../lib/workers/slow_start.js';
import { StartProgress } from '../../lib/workers/start_progress.js';
import { StartReporter } from '../../lib/worker/start_reporter.js';

const never = new Promise<never>(() => undefined);

/** A start, and the list of all that is told of it, in order. */
function startOf(
  count: number,
  silence = 9,
  absence = 4,
): { progress: StartProgress; told: string[] } {
  const told: string[] = [];
  const progress = new StartProgress(
    { count, bootTimeout: 60_000, mostSilence: () => silence, mostAbsence: () => absence },
    {
      failed: (reason) => told.push(`failed: ${reason}`),
      isSlow: (message) => told.push(`slow: ${message}`),
    },
  );
  return { progress, told };
}

function pass(progress: StartProgress, seconds: number, isAbsent = false): void {
  for (let second = 0; second < seconds; second++) progress.second(isAbsent);
}

describe('the start of workers', () => {
  test('has failed when nothing happens, and what did not is told, before 10 s have passed', () => {
    const { progress, told } = startOf(1);
    pass(progress, 8);
    expect(told).toEqual([]);
    pass(progress, 1);
    expect(told).toEqual([
      expect.stringMatching(/^failed: The worker has not begun to run.*mpiexec.*bootTimeout/),
    ]);
  });

  test('has failed sooner when a worker that has not begun to run has no process', () => {
    const { progress, told } = startOf(2);
    pass(progress, 3, true);
    pass(progress, 1); // it was there after all
    progress.runs();
    pass(progress, 3, true);
    expect(told).toEqual([]);
    pass(progress, 1, true);
    expect(told).toEqual([
      expect.stringMatching(/^failed: 1 of 2 workers have begun to run, and there is no process/),
    ]);
  });

  test('goes on while something happens; after 10 s the user is told what is waited for', () => {
    const { progress, told } = startOf(2);
    pass(progress, 8);
    progress.runs();
    pass(progress, 8);
    expect(told).toEqual(['slow: Workers are not ready after 10 s. 1 of 2 workers have begun to run. The limit is 60000 ms (option bootTimeout)']); // prettier-ignore
    progress.runs();
    pass(progress, 8);
    progress.started();
    progress.started();
    pass(progress, 8);
    expect(told).toHaveLength(1);
    pass(progress, 1);
    expect(told[1]).toMatch(/^failed: All 2 workers run, and MPI has started there, but has not connected/); // prettier-ignore
  });

  test('without a limit is told of without one', () => {
    expect(slowStart('Rank 1 is late', Infinity)).toBe(
      'Workers are not ready after 10 s. Rank 1 is late. There is no limit (option bootTimeout)',
    );
  });

  test('that nobody hears of is told of after 10 s, once somebody is late, until it is over', () => {
    jest.useFakeTimers();
    const warnings: unknown[][] = [];
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation((...told) => void warnings.push(told)); // prettier-ignore
    try {
      let late: string | undefined = 'Rank 1 is late';
      const over = warnIfSlow(60_000, () => late);
      jest.advanceTimersByTime(9_999);
      expect(warnings).toEqual([]);
      jest.advanceTimersByTime(60_000);
      const told = [
        'Workers are not ready after 10 s. Rank 1 is late. The limit is 60000 ms (option bootTimeout)',
        { type: 'MPIFuturesWarning', code: 'MPI_FUTURES_SLOW_START' },
      ];
      expect(warnings).toEqual([told]);
      over();
      late = undefined;
      const isOver = warnIfSlow(60_000, () => late);
      jest.advanceTimersByTime(20_000);
      expect(warnings).toHaveLength(1);
      late = 'Rank 1 is late';
      jest.advanceTimersByTime(1_000);
      expect(warnings).toEqual([told, told]);
      isOver();
      warnIfSlow(60_000, () => late)();
      jest.advanceTimersByTime(60_000);
      expect(warnings).toHaveLength(2);
    } finally {
      warn.mockRestore();
      jest.useRealTimers();
    }
  });

  test('takes as long as the program says, where it does', () => {
    const { progress, told } = startOf(1, Infinity);
    pass(progress, 1000);
    expect(told).toEqual([expect.stringMatching(/^slow: /)]);
  });

  test('has failed when one ends before it is ready, and its reason is told', async () => {
    const starting = await StartingWorkers.listen({ count: 2, bootTimeout: 60_000, mayGiveUp: true, placed: false }); // prettier-ignore
    try {
      await new StartReporter(starting.address).failed(new Error('libmpi.so.40: no such file'));
      const error = await starting.during(never).catch((reason: unknown) => reason as SpawnError);
      expect(error.code).toBe('ERR_SPAWN');
      expect(error.message).toMatch(
        new RegExp(`process ${process.pid} on .* has ended before it was ready: libmpi.so.40: no`),
      );
    } finally {
      starting.stop();
    }
  });

  test('is told to a master that is too busy to answer, and goes on as long as that takes', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    const server = createServer().listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const connected = once(server, 'connection') as Promise<[Socket]>;
      const reporter = new StartReporter(
        JSON.stringify({ port, token: 'token', addresses: ['127.0.0.1'] }),
      );
      const [socket] = await connected;
      const lines = createInterface(socket)[Symbol.asyncIterator]();
      const next = async () => JSON.parse((await lines.next()).value as string) as unknown;
      expect(await next()).toMatchObject({ token: 'token', pid: process.pid });
      jest.advanceTimersByTime(60_000);
      reporter.mpiHasStarted();
      expect(await next()).toEqual({ message: 'started' });
      await reporter.failed(new Error('no addon'));
      expect(await next()).toEqual({ message: 'ends', why: 'no addon' });
      expect(await lines.next()).toEqual({ value: undefined, done: true });
    } finally {
      server.close();
      jest.useRealTimers();
    }
  });

  test('is one start by whichever of several addresses', async () => {
    const starting = await StartingWorkers.listen({ count: 1, bootTimeout: 60_000, mayGiveUp: true, placed: false }); // prettier-ignore
    try {
      const { port, token } = JSON.parse(starting.address) as MasterAddress;
      const hello = `${JSON.stringify({ token, id: 1, pid: 11, host: 'here' })}\n`;
      const [one, other] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')] as const;
      const answers = [once(one, 'data'), once(other, 'data')];
      one.write(hello);
      other.write(hello);
      await Promise.all(answers);
      const closed = once(one.resume(), 'close');
      one.end();
      await closed;
      other.end(`${JSON.stringify({ message: 'ends', why: 'no addon' })}\n`);
      await expect(starting.during(never)).rejects.toThrow(/\(process 11 on here\) .*: no addon$/);
    } finally {
      starting.stop();
    }
  });

  // Between the 9 s for this host and the 31 for others, which grow alike with the load.
  const between = () => 20_000 * Math.max(1, loadavg()[0]! / availableParallelism());

  test('has failed when no process is there that could begin to run', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const starting = await StartingWorkers.listen({ count: 1, bootTimeout: 60_000, mayGiveUp: true, placed: false }); // prettier-ignore
    try {
      starting.expect();
      const failed = expect(starting.during(never)).rejects.toThrow(/^The worker has not begun to run, and there is no process that could/); // prettier-ignore
      jest.advanceTimersByTime(between());
      await failed;
    } finally {
      starting.stop();
      warn.mockRestore();
      jest.useRealTimers();
    }
  });

  test.each([
    ['all workers are seen to run on this host', 2, true],
    ['some of them may be on other hosts', 1, false],
  ])('that may be on several hosts: has it failed early if %s?', async (_, here, fails) => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const starting = await StartingWorkers.listen({ count: 2, bootTimeout: 60_000, mayGiveUp: true, placed: true }); // prettier-ignore
    // The shell passes the word on to a process of its own; the two are one worker.
    const script = '"$1" -e "setInterval(() => undefined, 1e6)" "$2" & echo; wait';
    const args = ['-c', script, 'sh', process.execPath, starting.address];
    const workers = Array.from({ length: here }, () =>
      spawn('sh', args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true }),
    );
    try {
      await Promise.all(workers.map(({ stdout }) => once(stdout, 'data')));
      starting.expect();
      const failed = jest.fn();
      starting.during(never).catch(failed);
      jest.advanceTimersByTime(between());
      await new Promise(setImmediate);
      expect(failed).toHaveBeenCalledTimes(fails ? 1 : 0);
    } finally {
      starting.stop();
      for (const { pid } of workers) process.kill(-pid!, 'SIGKILL');
      warn.mockRestore();
      jest.useRealTimers();
    }
  });

  test('means nothing to a master that nobody tells of it', async () => {
    const reporter = new StartReporter(undefined);
    reporter.mpiHasStarted();
    await reporter.failed(new Error('no addon'));
  });
});
