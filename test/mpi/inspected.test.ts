import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { DebuggerClient } from '../support/debugger_client.js';
import { describeOnEachMpi, layouts, threads, WORKERS } from '../support/layouts.js'; // prettier-ignore
import { expectStatus } from '../support/program.js';
import type { RunningProgram } from '../support/run.js';

const line = /^mpi-futures: the debugger of worker (\d+) \(process (\d+) on \S+\) is at (ws:\/\/127\.0\.0\.1:(\d+)\/[\w-]+)(; the worker waits for it)?\. Attach an editor, or add 127\.0\.0\.1:\4 in chrome:\/\/inspect$/m; // prettier-ignore

/** The layouts on which a debugger stays until the process ends, as that of a user may. That takes up to 10 s longer. */
const stays = new Set(['mpich static', 'openmpi singleton']);

/** Attaches to the worker that the program names, and lets it go on. */
async function attach(program: RunningProgram, layout: string): Promise<void> {
  const [, , pid, url = ''] = await program.printed(line);
  const client = await DebuggerClient.attach(url);
  expect(await client.evaluate('process.pid')).toBe(Number(pid));
  await client.evaluate('globalThis.isAttached = true');
  await letGoOn(client);
  // From here on the program may end at any time.
  await client.call('Runtime.evaluate', { expression: 'globalThis.isInspected = true' }).catch(() => undefined); // prettier-ignore
  if (!stays.has(layout)) client.close();
}

/**
 * Returns when the worker runs its event loop. Node.js does not hear what it is told before it waits, so it is told again. And it
 * crashes now and then where a debugger leaves while it waits (1 of 17 processes without MPI, Node.js 20.20), so that the client
 * must not close before. Not by a timer: where the debugger interrupts Node.js while it looks after its timers, one that is set
 * then, and all of the same length after it, may never come (1 of 20 000 in a sandbox, Node.js 20.20).
 */
async function letGoOn(client: DebuggerClient): Promise<void> {
  const expression = 'new Promise((go) => setImmediate(go))';
  const running = client
    .call('Runtime.evaluate', { expression, awaitPromise: true })
    .then(() => true);
  do client.tell('Runtime.runIfWaitingForDebugger');
  while (!(await Promise.race([running, pause(100, false)])));
}

/** What the program has found, and what was printed about it. */
function outcome({ stdout, stderr }: { stdout: string; stderr: string }) {
  const [, found = ''] = /^found (.*)$/m.exec(stdout) ?? [];
  const lines = [...stderr.matchAll(new RegExp(line, 'gm'))];
  const printed = lines.map(([, worker, pid, url]) => [Number(worker), Number(pid), url]);
  const { worker, pid, url, wasAttachedAtSetUp } = JSON.parse(found) as Record<string, unknown>;
  return { found: [worker, pid, url], printed, wasAttachedAtSetUp };
}

describeOnEachMpi('MPI_FUTURES_INSPECT=RANK:wait', ({ run, name }) => {
  test('opens the debugger of that worker, which does nothing before somebody is there', async () => {
    const env = { MPI_FUTURES_INSPECT: '1:wait' };
    const whileRunning = (program: RunningProgram) => attach(program, name);
    const result = await run('inspected.mjs', { env, whileRunning });
    expectStatus(result, 0);
    const { found, printed, wasAttachedAtSetUp } = outcome(result);
    expect(found[0]).toBe(1);
    expect(printed).toEqual([found]);
    expect(wasAttachedAtSetUp).toBe(true);
  });
});

describeOnEachMpi('MPI_FUTURES_INSPECT=RANK', ({ run, name }) => {
  test('opens the debugger of the sandbox of an isolated worker, which does not wait', async () => {
    const env = { MPI_FUTURES_INSPECT: '1', MPI_FUTURES_ISOLATE: '1' };
    const whileRunning = async (program: RunningProgram) => {
      await program.printed(/^all workers are set up$/m);
      await attach(program, name);
    };
    const result = await run('inspected.mjs', { env, whileRunning });
    expectStatus(result, 0);
    const { found, printed, wasAttachedAtSetUp } = outcome(result);
    expect(found[0]).toBe(1);
    expect(printed).toEqual([found]);
    expect(wasAttachedAtSetUp).toBe(false);
  });
});

describeOnEachMpi(
  'a debugger that cannot be opened',
  ({ run }) => {
    const server = createServer();
    let taken: number;
    beforeAll(async () => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      taken = (server.address() as AddressInfo).port;
    });
    afterAll(() => server.close());

    test.each([
      [
        'no rank',
        () => 'two',
        /Expected RANK, RANK:PORT, RANK:wait or RANK:PORT:wait for MPI_FUTURES_INSPECT but received 'two': no debugger is opened$/,
      ],
      ['no port', () => '1:65536', /for MPI_FUTURES_INSPECT but received '1:65536'/],
      [
        'a rank that is not there',
        () => `${WORKERS}`,
        /but received 2 in a pool whose workers are 0 to 1: no debugger is opened$/,
      ],
      [
        'a port that is taken',
        () => `1:${taken}:wait`,
        /Worker 1 on \S+ has no debugger: port \d+ of 127\.0\.0\.1 cannot be opened/,
      ],
    ])('by %s is one warning, and the program has its results', async (_, word, text) => {
      const result = await run('observed_map.mjs', { env: { MPI_FUTURES_INSPECT: word() } });
      expectStatus(result, 0);
      expect(result.stdout).toBe('the sum is 600\n');
      const warnings = result.stderr.match(/\[MPI_FUTURES_NO_DEBUGGER\].*/g);
      expect(warnings).toEqual([expect.stringMatching(text)]);
    });
  },
  layouts.filter(({ name }) => name === 'mpich static'),
);

test('a thread opens no debugger: one warning says what shows threads', async () => {
  const result = await threads.run('observed_map.mjs', { env: { MPI_FUTURES_INSPECT: '1:wait' } });
  expectStatus(result, 0);
  expect(result.stdout).toBe('the sum is 600\n');
  const warnings = result.stderr.match(/\[MPI_FUTURES_NO_DEBUGGER\].*/g);
  expect(warnings).toEqual([expect.stringMatching(/Worker 1 on \S+ has no debugger: it is a thread.*by node --inspect/)]); // prettier-ignore
});
