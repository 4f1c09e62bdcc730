/** A worker's side of the channel: hello, set-ups and definitions in order, tasks to the loop. */

import { hostname } from 'node:os';
import { inspect } from 'node:util';

import { packageFile } from '../package_files.js';
import type { NativeCommunicator } from '../mpi/addon.js';
import { Channel } from '../mpi/channel.js';
import { processEnding } from '../mpi/ending.js';
import { hold } from '../mpi/keep_alive.js';
import { onQuit, type MpiProcess } from '../mpi/mpi_process.js';
import { snapshotWith } from '../mpi/snapshot.js';
import { report, reportBy } from '../pool/role.js';
import {
  decodeMessage,
  encodeMessage,
  MessageKind,
  type Hello,
  type SessionSetup,
  type Warning,
  type Welcome,
} from '../tasks/messages.js';
import type { FunctionDefinition } from '../tasks/functions/definition.js';
import { TaskLoop } from './task_loop.js';
import { userModules } from './user_modules.js';

const masterRank = 0;

/** Milliseconds. */
const noticeHeadStart = 300;

/** Serves the master of `communicator` until it says that this process ends. */
export function serve(mpi: MpiProcess, communicator: NativeCommunicator): void {
  const { addon } = mpi;
  addon.dieWithParent();
  processEnding().serves(true);
  const modules = userModules((url) => {
    const text =
      `On ${hostname()} the source of ${url} is not that of the program: ` +
      'functions of it may do something else there. Bring the same files to all hosts.';
    const warning: Warning = { code: 'MPI_FUTURES_SOURCE_DIFFERS', text };
    const message = encodeMessage(MessageKind.warning, warning);
    channel.send(masterRank, message, message.byteLength);
  });
  const loop = new TaskLoop(modules, snapshotWith(addon), (payload, length, buffers) => {
    channel.send(masterRank, payload, length, buffers);
  });
  onQuit(() => process.exit(0));
  const channel = new Channel(addon, communicator, true, {
    message: (_source, payload, buffers) => {
      switch (payload[0]) {
        case MessageKind.welcome:
          welcomed(decodeMessage(payload) as Welcome);
          break;
        case MessageKind.setup:
          loop.setUp(decodeMessage(payload) as SessionSetup);
          break;
        case MessageKind.define:
          loop.define(decodeMessage(payload) as FunctionDefinition);
          break;
        case MessageKind.forget:
          loop.forget(decodeMessage(payload) as number);
          break;
        case MessageKind.tasks:
          loop.add(payload, buffers);
          break;
      }
    },
    batchEnded: () => {
      loop.run();
    },
    // The master is gone: nobody is left to ask or to tell.
    failed: () => addon.exitNow(1),
  });

  function welcomed({ pid, doorbell, abortsOthers, argv }: Welcome): void {
    const sameHost = channel.meet(masterRank, doorbell);
    if (sameHost && !addon.exitWith(pid, 1)) addon.exitNow(1);
    processEnding().serves(abortsOthers);
    // The daemon that starts the workers of a program without launcher has no stderr.
    if (!abortsOthers) reportBy(tellMaster);
    // A module that compares its URL with argv[1] must not take this for its own start.
    process.argv.splice(1, Infinity, packageFile('dist/worker/main.js'), ...argv);
  }

  function tellMaster(text: string): void {
    const notice = encodeMessage(MessageKind.notice, text);
    channel.send(masterRank, notice, notice.byteLength);
    // This process is about to end, and its end must not be heard of first.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, noticeHeadStart);
  }

  // This process ends in its 'exit' event, before Node.js would print what was not caught.
  process.on('uncaughtExceptionMonitor', (error) => {
    report(`mpi-futures: nobody has caught this on a worker:\n${inspect(error)}\n`);
  });
  hold(addon);
  const hello: Hello = { host: hostname(), pid: process.pid, doorbell: addon.doorbell() };
  const message = encodeMessage(MessageKind.hello, hello);
  channel.send(masterRank, message, message.byteLength);
}
