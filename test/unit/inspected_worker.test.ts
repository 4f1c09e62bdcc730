/** MPI_FUTURES_INSPECT, as far as it needs no debugger. */
import { Pool } from '../../lib/pool/pool.js';
import { parseInspectedWorker } from '../../lib/pool/inspected_worker.js';
import { whereToAttach } from '../../lib/worker/open_debugger.js';
import { clientOptions, SimulatedWorkers } from './simulated_workers.js';

const name = 'MPI_FUTURES_INSPECT';

afterEach(() => {
  Reflect.deleteProperty(process.env, name);
});

test.each([
  ['0', { rank: 0, port: 0, waits: false }],
  ['12:9229', { rank: 12, port: 9229, waits: false }],
  ['2:wait', { rank: 2, port: 0, waits: true }],
  [' 2:0:wait ', { rank: 2, port: 0, waits: true }],
])('%s is the value of the variable', (word, expected) => {
  expect(parseInspectedWorker(word)).toEqual(expected);
});

test.each(['-1', '1.5', 'one', '1:', '1:65536', '1:wait:9229', '1:brk', ':9229', '1 2'])(
  '%s is none',
  (word) => {
    expect(parseInspectedWorker(word)).toBeUndefined();
  },
);

test('a worker of another host is reached by a tunnel', () => {
  const address = 'ws://127.0.0.1:4711/b0c-1';
  const at = (host: string, waits = false) =>
    whereToAttach(address, 3, host, { host: 'login', port: 0, waits });
  const where = (host: string) =>
    `the debugger of worker 3 (process ${process.pid} on ${host}) is at ${address}`;
  const how = '. Attach an editor, or add 127.0.0.1:4711 in chrome://inspect';
  expect(at('login')).toBe(where('login') + how);
  expect(at('node7', true)).toBe(
    `${where('node7')}; the worker waits for it${how}, after ssh -N -L 4711:127.0.0.1:4711 node7`,
  );
});

test('a set-up has no time limit while a worker is inspected', async () => {
  const broken = async () => {
    const workers = new SimulatedWorkers(2);
    const pool = new Pool(workers);
    const client = pool.addClient(clientOptions());
    const started = pool.start();
    workers.areThere();
    await started;
    for (const worker of [0, 1]) workers.isReady(worker, client.id);
    jest.useFakeTimers();
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
    try {
      const late = pool.addClient(clientOptions(1000));
      jest.advanceTimersByTime(1e6);
      for (const worker of [0, 1]) workers.isReady(worker, late.id);
      return late.broken !== undefined;
    } finally {
      warn.mockRestore();
      jest.useRealTimers();
    }
  };
  expect(await broken()).toBe(true);
  process.env[name] = '1';
  expect(await broken()).toBe(false);
});
