/**
 * Listens to workers between MPI_Comm_spawn and their first message. MPI does not report a process that does not start,
 * or that dies before it has started MPI: the call does not return. So each worker connects to its master as soon as it
 * runs (lib/worker/start_reporter.ts). The connection shows that the worker runs, and the kernel closes it when the
 * worker ends.
 */

import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { availableParallelism, networkInterfaces } from 'node:os';

import { attempt } from '../attempt.js';
import { SpawnError } from '../errors.js';
import { UntilFailure } from '../until_failure.js';
import { launcher } from '../addon/launcher.js';
import { mayHaveOtherHosts } from '../addon/oversubscription.js';
import { processSpace } from '../process/process_space.js';
import { countProcessesHere, seesOthers } from '../process/processes_here.js';
import { slowdown } from '../process/slowdown.js';
import { StartEvent, type MasterAddress, type StartReport } from './start_reports.js';
import { warnOfSlowStart } from './slow_start.js';
import { StartProgress } from './start_progress.js';

/** The number of workers that start, their place, and the time limits. */
export interface StartingOptions {
  /** The number of workers that were asked for. */
  readonly count: number;
  /** Milliseconds until all must be ready. */
  readonly bootTimeout: number;
  /**
   * True if a start without progress may be given up before that: false where the program, or the user, has set a
   * limit.
   */
  readonly mayGiveUp: boolean;
  /** True if the program places the workers, which may then be on other hosts. */
  readonly placed: boolean;
}

/** The longest line of a worker, in bytes; a client that sends more is no worker. */
const longestLine = 1 << 14;

/** A worker that has connected. It has a connection for each address of this process, until one is answered. */
interface Worker {
  readonly name: string;
  connections: number;
  hasStarted: boolean;
  why: string;
}

/** Seconds without progress on an idle machine: on this host a failed start is reported within 10. */
const silenceHere = 8;
/**
 * Seconds without progress where workers may be on other hosts: ssh may first start a daemon, Node.js may come from a
 * shared file system, and a firewall may be between. Not where all workers are seen to run on this host.
 */
const silenceElsewhere = 30;
/** Seconds without progress in which no process of a worker is there. With mpiexec it starts at once; without, MPI first starts a daemon. */
const mostAbsence = (): number => (launcher.size > 0 ? 3 : 6);

/**
 * The longest silence, in seconds. If there are more workers than cores they take turns, and none may be heard from
 * before most have started.
 */
function mostSilence(workers: number, seconds: number): number {
  return seconds * slowdown() + workers / availableParallelism();
}

/** The workers of one spawn, from its call until all of them have said hello. */
export class StartingWorkers {
  /** The argument for the command line of the workers. */
  readonly address: string;
  /** Fails when a worker has ended, or when there is no progress. */
  readonly #untilFailure = new UntilFailure();
  readonly #progress: StartProgress;
  readonly #server: Server | undefined;
  readonly #token: string;
  readonly #count: number;
  /** True while workers may be on other hosts. */
  #isWide: boolean;
  readonly #sockets = new Set<Socket>();
  readonly #workers = new Map<number, Worker>();
  #clock: NodeJS.Timeout | undefined;
  #over = false;

  private constructor(
    options: StartingOptions,
    isWide: boolean,
    token: string,
    server: Server | undefined,
  ) {
    this.#token = token;
    this.#count = options.count;
    this.#isWide = isWide;
    this.#server = server;
    this.address = server === undefined ? silentAddress() : addressOf(server, token);
    const { count, bootTimeout } = options;
    // If the master cannot listen to workers, their silence means nothing.
    const mayGiveUp = options.mayGiveUp && server !== undefined;
    const seconds = () => (this.#isWide ? silenceElsewhere : silenceHere);
    const limits = {
      count,
      bootTimeout,
      mostSilence: () => (mayGiveUp ? mostSilence(count, seconds()) : Infinity),
      mostAbsence: () => (mayGiveUp ? mostSilence(count, mostAbsence()) : Infinity),
    };
    this.#progress = new StartProgress(limits, {
      failed: (reason) => {
        if (this.#over) return;
        this.stop();
        this.#untilFailure.fail(new SpawnError(reason));
      },
      isSlow: warnOfSlowStart,
    });
    server?.on('connection', (socket) => {
      this.#connected(socket);
    });
    server?.on('error', () => undefined);
  }

  /** Listens to the workers of a spawn that is about to begin. */
  static async listen(options: StartingOptions): Promise<StartingWorkers> {
    // Listens for other hosts only if workers may be there.
    const isWide = options.placed || mayHaveOtherHosts();
    // Not by an import: workers load this module too, and node:crypto takes them 6 ms.
    const token = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex');
    let server: Server | undefined = createServer();
    try {
      server.listen({ port: 0, exclusive: true, ...(isWide ? {} : { host: loopback }) });
      await once(server, 'listening');
      server.unref(); // the pool says how long the program goes on
    } catch {
      server = undefined; // as under node --permission
    }
    return new StartingWorkers(options, isWide, token, server);
  }

  /** Settles as `operation` does, unless a worker ends first, or there is no progress. */
  during<T>(operation: Promise<T>): Promise<T> {
    return this.#untilFailure.during(operation);
  }

  /** Notes that the spawn has begun. */
  expect(): void {
    if (this.#over) return;
    // Counts ticks instead of time: while this thread computes, or the machine sleeps, nothing is received either.
    this.#clock ??= setInterval(() => {
      this.#progress.second(this.#isOneAbsent());
    }, 1000).unref();
  }

  /** True if a worker that has not begun to run would be on this host, and is not. */
  #isOneAbsent(): boolean {
    // The token is on the command line of each.
    const here = countProcessesHere(this.#token);
    if (here >= this.#count) this.#isWide = false;
    // Those that run may have changed their command lines.
    return !this.#isWide && seesOthers() && this.#progress.running === 0 && here < this.#count;
  }

  /** Stops listening: all workers have said hello, or it is too late. */
  stop(): void {
    this.#over = true;
    clearInterval(this.#clock);
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #connected(socket: Socket): void {
    let worker: Worker | undefined;
    let text = '';
    this.#sockets.add(socket);
    socket.unref();
    socket.setEncoding('utf8').on('data', (part: string) => {
      const lines = (text + part).split('\n');
      text = lines.pop()!;
      if (text.length > longestLine) socket.destroy();
      for (const line of lines) {
        const note = parse(line);
        if (worker === undefined) {
          if (note?.token !== this.#token) {
            socket.destroy();
            return;
          }
          worker = this.#workerOf(note);
          socket.write('\n'); // it need not ask elsewhere
        } else if (note?.message === StartEvent.started) {
          if (!worker.hasStarted) this.#progress.started();
          worker.hasStarted = true;
        } else if (note?.message === StartEvent.ends) worker.why = String(note.why);
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (worker === undefined || --worker.connections > 0 || this.#over) return;
      this.#progress.ended(worker.name, worker.why);
    });
  }

  #workerOf({ id, pid, host }: Partial<StartReport>): Worker {
    let worker = this.#workers.get(Number(id));
    if (worker === undefined) {
      const name = `process ${Number(pid)} on ${String(host)}`;
      worker = { name, connections: 0, hasStarted: false, why: 'it was killed, or has crashed' };
      this.#workers.set(Number(id), worker);
      this.#progress.runs();
    }
    worker.connections++;
    return worker;
  }
}

const loopback = '127.0.0.1';

function addressOf(server: Server, token: string): string {
  const { port, address } = server.address() as AddressInfo;
  const addresses = address === loopback ? [loopback] : outwardAddresses();
  return masterAddress({ port, token, addresses });
}

/** The argument for the command line of workers to which the master does not listen. */
export function silentAddress(): string {
  return masterAddress({ port: 0, token: '', addresses: [] });
}

function masterAddress(listens: Pick<MasterAddress, 'port' | 'token' | 'addresses'>): string {
  const master = { pid: process.pid, space: processSpace() };
  return JSON.stringify({ ...master, ...listens } satisfies MasterAddress);
}

function outwardAddresses(): string[] {
  const outward = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address);
  return outward.length > 0 ? outward : [loopback];
}

function parse(line: string): Partial<StartReport> | undefined {
  return attempt(() => JSON.parse(line) as Partial<StartReport>);
}
