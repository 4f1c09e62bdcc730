import { watchedRun } from '../../scripts/watched_run.mjs';
import { describeUnless, unlessLinux } from '../support/unless.js';

// Processes are found in /proc.
const describeHere = describeUnless(unlessLinux);

describeHere('a program of the scripts', () => {
  const sh = (script: string, deadline: number, grace: number) =>
    watchedRun('/bin/sh', ['-c', script], { env: process.env, deadline, grace });

  test('ends by itself: its status and all that it said', async () => {
    const ended = await sh('echo out; echo err >&2; exit 3', 600_000, 600_000);
    expect(ended).toMatchObject({ status: 3, stdout: 'out\n', stderr: 'err\n' });
    expect(ended).toMatchObject({ isLate: false, left: 0 });
  });

  test('does not end, by SIGTERM neither: it is killed, and what it has started', async () => {
    const ended = await sh('trap "" TERM; sleep 600 & wait', 2000, 500);
    expect(ended).toMatchObject({ status: 'SIGKILL', isLate: true, left: 1 });
  });

  test('leaves a process behind: that is killed', async () => {
    const ended = await sh('sleep 600 &', 600_000, 500);
    expect(ended).toMatchObject({ status: 0, isLate: false, left: 1 });
  });

  test('cannot be started: an error', async () => {
    const missing = watchedRun('/no/such/program', [], { env: {}, deadline: 1000 });
    await expect(missing).rejects.toThrow('ENOENT');
  });
});
