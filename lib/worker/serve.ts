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
import { reportBy } from '../pool/role.js';
import { isHere } from '../pool/same_host.js';
import { decodeMessage, MessageKind, type Hello, type Welcome } from '../tasks/messages.js';
import { TaskServer } from './task_server.js';

const masterRank = 0;

/** Milliseconds. */
const noticeHeadStart = 300;

/** Serves the master of `communicator` until it says that this process ends. */
export function serve(mpi: MpiProcess, communicator: NativeCommunicator): void {
  const { addon } = mpi;
  addon.dieWithParent();
  processEnding().serves(!processEnding().survivesLosses);
  const server = new TaskServer({
    snapshot: snapshotWith(addon),
    send: (payload, length, buffers) => {
      channel.send(masterRank, payload, length, buffers);
    },
  });
  onQuit(() => process.exit(0));
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
    // The daemon that starts the workers of a program without launcher has no stderr.
    if (!abortsOthers) reportBy(tellMaster);
    // A module that compares its URL with argv[1] must not take this for its own start.
    process.argv.splice(1, Infinity, packageFile('dist/worker/main.js'), ...argv);
    setMainModule(main);
  }

  function tellMaster(text: string): void {
    server.tell(MessageKind.notice, text);
    // This process is about to end, and its end must not be heard of first.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, noticeHeadStart);
  }

  hold(addon);
  const hello: Hello = { host: hostname(), pid: process.pid, doorbell: addon.doorbell() };
  server.tell(MessageKind.hello, hello);
}
