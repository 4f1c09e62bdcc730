/** The worker process's side of the channel: hello, welcome and the end. The task server handles all other messages. */

import { hostname } from 'node:os';

import type { InvalidStateError } from '../errors.js';
import { packageFile } from '../package_files.js';
import type { NativeCommunicator } from '../addon/addon.js';
import { Channel } from '../addon/channel.js';
import { processEnding } from '../addon/ending.js';
import { hold, release } from '../addon/keep_alive.js';
import { disconnect, onQuit, type MpiProcess } from '../addon/mpi_process.js';
import { loadSandboxAddon } from '../addon/loading/load_sandbox_addon.js';
import { holdTimes } from './master_link.js';
import { snapshotWith } from '../addon/large_snapshot.js';
import { setMainModule } from '../process/main_module.js';
import { Claims, claimsSize } from '../tasks/claims.js';
import { endProcess } from '../process/program_or_worker.js';
import { isOnThisHost } from '../workers/same_host.js';
import {
  decodeMessage,
  MessageKind,
  type Hello,
  type Isolate,
  type Release,
  type Welcome,
} from '../tasks/messages.js';
import { Keeper, type SharedClaims } from './isolation/keeper.js';
import { ForwardedOutput } from './output.js';
import { TaskServer } from './task_server.js';
import { vital } from './unchanged_language.js';
import { userModules, type ModulesOf } from './modules/user_modules.js';
import { notAccessible, setWorkersAccess, type WorkersAccess } from './workers_access.js';

const masterRank = 0;

/** Milliseconds by which a worker's last messages precede its end. */
const headStart = 300;

/** The communicators of a worker. */
export interface Serving {
  /** The communicator to the master alone. */
  readonly communicator: NativeCommunicator;
  /** The communicator of all workers. */
  readonly workers: WorkersAccess['communicator'];
}

/** Serves the master until it says that this process ends. */
export function serve(mpi: MpiProcess, serving: Serving): void {
  let output: ForwardedOutput | undefined;
  let toldToQuit = false;
  const service = new Service(mpi, serving, userModules, {
    quits: () => {
      toldToQuit = true;
    },
    // The output of a task must arrive before its result.
    sending: () => output?.flush(),
    offersOutput: true,
    mayKeep: true,
    welcomed: ({ abortsOthers, argv, main }) => {
      // The daemon that starts the workers of a program without launcher has no console.
      if (!abortsOthers) forwardOutput();
      // A module that compares its URL with argv[1] must not take the worker's start for its own.
      process.argv.splice(1, Infinity, packageFile('dist/worker/main.js'), ...argv);
      setMainModule(main);
    },
    released: () => undefined,
  });
  service.begin();

  function forwardOutput(): void {
    const send = (message: Uint8Array, length: number): void => {
      service.send(message, length);
    };
    output = new ForwardedOutput(send, () => {
      mpi.addon.handOver();
    });
    // Before the end of MPI.
    process.prependListener('exit', () => {
      output?.flush();
      if (!toldToQuit) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, headStart);
    });
  }
}

/**
 * Serves the master until it lets this process go on with its program, or ends it. Afterwards the communicator to the
 * master must not be used any more.
 */
export function serveForAWhile(
  mpi: MpiProcess,
  serving: Serving,
  modules: ModulesOf,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const service = new Service(mpi, serving, modules, {
      released: ({ disconnect }) => {
        service.end(disconnect).then(resolve, reject);
      },
    });
    service.begin();
  });
}

interface ServiceEvents {
  /** True if the master may take over the printing of this process's output. */
  readonly offersOutput?: true;
  /** True if the tasks may run in a sandbox: they do not need what the program has done in this process. */
  readonly mayKeep?: true;
  /** Called when the master tells this process to end. */
  quits?(): void;
  /** Called before a message is sent. */
  sending?(): void;
  /** Called when the master has answered. */
  welcomed?(welcome: Welcome): void;
  /** Called when the master lets this process go. */
  released(release: Release): void;
}

class Service {
  readonly #mpi: MpiProcess;
  readonly #communicator: NativeCommunicator;
  readonly #events: ServiceEvents;
  readonly #server: TaskServer;
  readonly #channel: Channel;
  readonly #claims: SharedClaims | undefined;
  #welcome: Welcome | undefined;
  #keeper: Keeper | undefined;
  #watchedMaster: number | undefined;
  /** The reason why some workers are missing. */
  #notAllThere: InvalidStateError | undefined;
  #whenLost: ((reason: InvalidStateError) => void) | undefined;
  #ended = false;

  constructor(
    mpi: MpiProcess,
    { communicator, workers }: Serving,
    modules: ModulesOf,
    events: ServiceEvents,
  ) {
    this.#mpi = mpi;
    this.#communicator = communicator;
    this.#events = events;
    const { addon } = mpi;
    this.#claims = addon.shareMemory(claimsSize);
    addon.dieWithParent();
    processEnding().serves(!processEnding().survivesLosses);
    const link = {
      snapshot: snapshotWith(addon),
      holdTime: holdTimes.usual,
      claims: this.#claims && new Claims(this.#claims[0]),
      send: (
        payload: Uint8Array,
        length: number,
        buffers: readonly ArrayBuffer[] | undefined,
      ): void => {
        events.sending?.();
        this.send(payload, length, buffers);
      },
      handOver: () => {
        addon.handOver();
      },
    };
    this.#server = new TaskServer(link, modules);
    onQuit(() => {
      events.quits?.();
      if (this.#keeper === undefined) endProcess(0);
      // If that takes long, native code does not wait for it.
      else void this.#keeper.quit().then(() => endProcess(0));
    });
    setWorkersAccess({
      communicator: workers,
      asked: () => {
        this.#server.workersAskedFor();
        if (this.#notAllThere !== undefined) throw this.#notAllThere;
      },
      whenLost: (react) => {
        this.#whenLost = react;
      },
    });
    this.#channel = Channel.over(addon, communicator, true, {
      message: (_source, payload, buffers) => {
        vital(() => {
          this.#message(payload, buffers);
        });
      },
      batchEnded: () => {
        if (!this.#ended && this.#keeper === undefined) this.#server.batchEnded();
      },
      leaves: () => undefined,
      // The master is gone: only the user can be informed.
      lost: (_master, { message }) => {
        process.stderr.write(
          `mpi-futures: a worker ends because it has lost its master: ${message}\n`,
        );
        addon.exitNow(1);
      },
    });
  }

  begin(): void {
    const { addon } = this.#mpi;
    hold(addon);
    const hello: Hello = {
      host: hostname(),
      pid: process.pid,
      doorbell: addon.doorbell(),
      rings: this.#channel.offerRings(masterRank),
      output: this.#events.offersOutput === true ? addon.offerOutput() : [],
      claims: this.#claims?.[1],
    };
    this.#server.tell(MessageKind.hello, hello);
  }

  send(payload: Uint8Array, length: number, buffers?: readonly ArrayBuffer[]): void {
    // A task that its master has given up may answer late.
    if (!this.#ended) this.#channel.send(masterRank, payload, length, buffers);
  }

  /** Ends the service: the process belongs to the program again. Resolves when the master can be forgotten. */
  async end(isLetGo: boolean): Promise<void> {
    const { addon } = this.#mpi;
    this.#server.tell(MessageKind.released, undefined);
    this.#ended = true;
    this.#server.end();
    setWorkersAccess(undefined);
    try {
      await this.#channel.close();
      if (isLetGo) await disconnect(addon, this.#communicator);
    } finally {
      if (this.#watchedMaster !== undefined) addon.unwatchProcess(this.#watchedMaster);
      onQuit(undefined);
      processEnding().servesNoMore();
      release(addon);
    }
  }

  #message(payload: Buffer, buffers: ArrayBuffer[] | undefined): void {
    switch (payload[0]) {
      case MessageKind.welcome:
        this.#welcomed(decodeMessage(payload) as Welcome);
        break;
      case MessageKind.release:
        this.#events.released(decodeMessage(payload) as Release);
        break;
      case MessageKind.notAllThere:
        this.#loses(decodeMessage(payload) as string);
        break;
      case MessageKind.isolate:
        this.#isolate(decodeMessage(payload) as Isolate);
        break;
      default:
        (this.#keeper ?? this.#server).message(payload, buffers);
    }
  }

  /** From now on tasks run in a sandbox. None has come before. */
  #isolate({ heartbeat }: Isolate): void {
    if (this.#events.mayKeep !== true) return;
    if (this.#keeper !== undefined) {
      this.#keeper.setHeartbeat(heartbeat);
      return;
    }
    this.#server.end();
    const {
      argv = [],
      main,
      rank = 0,
      abortsOthers = true,
      doorbell,
      rings = -1,
    } = this.#welcome ?? {};
    const sharesMemory = doorbell !== undefined && rings >= 0;
    this.#keeper = new Keeper(heartbeat, {
      // Between keeper and sandbox there can be such memory though the master cannot have it.
      claims: this.#claims ?? loadSandboxAddon().shareMemory(claimsSize),
      welcome: {
        rank,
        argv,
        main,
        sendsOutput: !abortsOthers,
        master: sharesMemory ? [doorbell, rings] : undefined,
      },
      send: (payload, length, buffers) => {
        this.send(payload, length, buffers);
      },
      endProgram: () => endProcess(1),
    });
  }

  #loses(why: string): void {
    this.#notAllThere ??= notAccessible(why);
    this.#whenLost?.(this.#notAllThere);
  }

  #welcomed(welcome: Welcome): void {
    this.#welcome = welcome;
    const { addon } = this.#mpi;
    const { pid, doorbell, rings, rank, abortsOthers, readsOutput } = welcome;
    this.#server.hasRank(rank);
    const sameHost =
      this.#channel.connectDoorbell(masterRank, doorbell, rings) || isOnThisHost(welcome);
    if (sameHost) {
      if (!addon.exitWith(pid, 1)) addon.exitNow(1);
      this.#watchedMaster = pid;
    }
    processEnding().serves(abortsOthers);
    addon.settleOutput(readsOutput);
    this.#events.welcomed?.(welcome);
  }
}
