import type { SpawnError } from '../../lib/errors.js';
import { Births } from '../../lib/workers/births.js';
import { warnIfSlow } from '../../lib/workers/slow_start.js';
import { StartProgress } from '../../lib/workers/start_progress.js';
import { Birth } from '../../lib/worker/birth.js';

/** A start, and the list of all that is told of it, in order. */
function startOf(count: number, silence = 9): { progress: StartProgress; told: string[] } {
  const told: string[] = [];
  const progress = new StartProgress(
    { count, bootTimeout: 60_000, mostSilence: () => silence },
    {
      failed: (reason) => told.push(`failed: ${reason}`),
      isSlow: (message) => told.push(`slow: ${message}`),
    },
  );
  return { progress, told };
}

function pass(progress: StartProgress, seconds: number): void {
  for (let second = 0; second < seconds; second++) progress.second();
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

  test('goes on while something happens; after 10 s the user is told what is waited for', () => {
    const { progress, told } = startOf(2);
    pass(progress, 8);
    progress.runs();
    pass(progress, 8);
    expect(told).toEqual(['slow: Workers are not ready after 10 s. 1 of 2 workers have begun to run. They have 60000 ms (option bootTimeout)']); // prettier-ignore
    progress.runs();
    pass(progress, 8);
    progress.started();
    progress.started();
    pass(progress, 8);
    expect(told).toHaveLength(1);
    pass(progress, 1);
    expect(told[1]).toMatch(/^failed: All 2 workers run, and MPI has started there, but has not connected/); // prettier-ignore
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
        'Workers are not ready after 10 s. Rank 1 is late. They have 60000 ms (option bootTimeout)',
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
    const births = await Births.listen({ count: 2, bootTimeout: 60_000, mayGiveUp: true, placed: false }); // prettier-ignore
    try {
      await new Birth(births.word).failed(new Error('libmpi.so.40: no such file'));
      const error = await births.failed.catch((reason: unknown) => reason as SpawnError);
      expect(error.code).toBe('ERR_SPAWN');
      expect(error.message).toMatch(
        new RegExp(`process ${process.pid} on .* has ended before it was ready: libmpi.so.40: no`),
      );
    } finally {
      births.stop();
    }
  });

  test('means nothing to a master that nobody tells of it', async () => {
    const birth = new Birth(undefined);
    birth.mpiHasStarted();
    await birth.failed(new Error('no addon'));
  });
});
