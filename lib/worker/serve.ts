/** A worker process's side of the channel: hello and welcome, and the end; the rest is the task server's. */

import { hostname } from 'node:os';

import { packageFile } from '../package_files.js';
import type { NativeCommunicator } from '../mpi/addon.js';
import { Channel } from '../mpi/channel.js';
import { processEnding } from '../mpi/ending.js';
import { hold } from '../mpi/keep_alive.js';
import { onQuit, type MpiProcess } from '../mpi/mpi_process.js';
import { snapshotWith } from '../mpi/snapshot.js';
import { setMainModule } from '../pool/main_module.js';
import { endProcess } from '../pool/role.js';
import { isHere } from '../pool/same_host.js';
import { decodeMessage, MessageKind, type Hello, type Welcome } from '../tasks/messages.js';
import { ForwardedOutput } from './output.js';
import { TaskServer } from './task_server.js';

const masterRank = 0;

/** Milliseconds that the last words of a worker have before its end is heard of. */
const headStart = 300;

/** Serves the master of `communicator` until it says that this process ends. */
export function serve(mpi: MpiProcess, communicator: NativeCommunicator): void {
  const { addon } = mpi;
  addon.dieWithParent();
  processEnding().serves(!processEnding().survivesLosses);
  const server = new TaskServer({
    snapshot: snapshotWith(addon),
    send: (payload, length, buffers) => {
      // What a task has printed is there before its result.
      output?.flush();
      channel.send(masterRank, payload, length, buffers);
    },
  });
  let output: ForwardedOutput | undefined;
  let toldToQuit = false;
  onQuit(() => {
    toldToQuit = true;
    endProcess(0);
  });
  const channel = new Channel(addon, communicator, true, {
    message: (_source, payload, buffers) => {
      if (payload[0] === MessageKind.welcome) welcomed(decodeMessage(payload) as Welcome);
      else server.message(payload, buffers);
    },
    batchEnded: () => {
      server.batchEnded();
    },
    // The master is gone: nobody is left to ask or to tell.
    failed: () => addon.exitNow(1),
  });

  function welcomed(welcome: Welcome): void {
    const { pid, doorbell, abortsOthers, argv, main } = welcome;
    const sameHost = channel.meet(masterRank, doorbell) || isHere(welcome);
    if (sameHost && !addon.exitWith(pid, 1)) addon.exitNow(1);
    processEnding().serves(abortsOthers);
    // The daemon that starts the workers of a program without launcher has no console.
    if (!abortsOthers) forwardOutput();
    // A module that compares its URL with argv[1] must not take this for its own start.
    process.argv.splice(1, Infinity, packageFile('dist/worker/main.js'), ...argv);
    setMainModule(main);
  }

  function forwardOutput(): void {
    output = new ForwardedOutput((message, length) => {
      channel.send(masterRank, message, length);
    });
    // In front of the end of MPI.
    process.prependListener('exit', () => {
      output?.flush();
      if (!toldToQuit) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, headStart);
    });
  }

  hold(addon);
  const hello: Hello = { host: hostname(), pid: process.pid, doorbell: addon.doorbell() };
  server.tell(MessageKind.hello, hello);
}
