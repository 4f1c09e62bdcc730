/**
 * The program of a sandbox, in which the tasks of an isolated worker run (docs/design/isolation.md). It has no MPI: its messages go
 * through the worker process that has started it, its keeper, or directly to a master of the same host.
 */

import { Socket } from 'node:net';

import { serveOtherCopies } from '../../copies.js';
import { snapshotWith } from '../../addon/large_snapshot.js';
import { refuseMpi } from '../../addon/mpi_process.js';
import { loadSandboxAddon } from '../../addon/loading/load_sandbox_addon.js';
import { packageFile } from '../../package_files.js';
import { setMainModule } from '../../process/main_module.js';
import { endProcess } from '../../process/program_or_worker.js';
import { Claims, claimsSize } from '../../tasks/claims.js';
import {
  decodeMessage,
  MessageKind,
  type SandboxRuns,
  type SandboxWelcome,
} from '../../tasks/messages.js';
import { runPoolsInThreads } from '../../workers/threads/thread_fallback.js';
import { FrameReader, sandboxPipes } from './frames.js';
import { ForwardedOutput } from '../output.js';
import { holdTimes } from '../master_link.js';
import { prepareProcess } from '../prepare_process.js';
import { SandboxLink } from './sandbox_link.js';
import { TaskServer } from '../task_server.js';
import { asOwn } from '../unchanged_language.js';
import { notAccessible, setWorkersAccess } from '../workers_access.js';

serveOtherCopies();
const addon = loadSandboxAddon();
const link = new SandboxLink(addon);
const keeper = process.ppid;
addon.dieWith(keeper);
await prepareProcess({
  report: (text) => process.stderr.write(text),
  endProgram: () => {
    link.tellKeeper(MessageKind.endProgram, undefined);
    return endProcess(1);
  },
});
// Ctrl-C is for the program, which ends its workers, and they their sandboxes.
process.on('SIGINT', () => undefined);
refuseMpi(
  'MPI is not in this process: it is the sandbox of an isolated worker (option isolate, MPI_FUTURES_ISOLATE). ' +
    'Run tasks that use MPI in a pool without isolation',
);
// MPI is in another process.
runPoolsInThreads();
setWorkersAccess({
  communicator: 'alone',
  asked: () => {
    throw notAccessible('the worker is isolated (option isolate): MPI is in another process');
  },
  whenLost: () => undefined,
});

/** In milliseconds. */
const trimEvery = 2000;

let server: TaskServer | undefined;
let output: ForwardedOutput | undefined;
const reader = new FrameReader((payload, buffers) => {
  if (server === undefined) begin(decodeMessage(payload) as SandboxWelcome);
  else if (payload[0] === MessageKind.direct) link.useDirect();
  else server.message(payload, buffers);
});
const input = new Socket({ fd: sandboxPipes.in, readable: true, writable: false });
input.on('data', (chunk: Buffer) => {
  asOwn(() => {
    reader.add(chunk);
  });
  server?.batchEnded();
});
// The keeper has ended, or wants this process to end.
input.on('end', () => endProcess(0));
input.on('error', () => endProcess(0));

function begin({ claims, rank, sendsOutput, argv, main, master }: SandboxWelcome): void {
  // A module that compares its URL with argv[1] must not take the worker's start for its own.
  process.argv.splice(1, Infinity, packageFile('dist/worker/main.js'), ...argv);
  setMainModule(main);
  const memory = claims && addon.openMemory(claims, claimsSize);
  const send = (payload: Uint8Array, length: number, buffers?: readonly ArrayBuffer[]): void => {
    link.send(payload, length, buffers);
  };
  if (sendsOutput) output = new ForwardedOutput(send, () => undefined);
  process.prependListener('exit', () => {
    output?.flush();
  });
  const served = new TaskServer({
    snapshot: snapshotWith(addon),
    holdTime: holdTimes.isolated,
    claims: memory && new Claims(memory),
    send: (payload, length, buffers) => {
      // The output of a task must arrive before its result.
      output?.flush();
      send(payload, length, buffers);
    },
    // What was sent is safe.
    handOver: () => undefined,
  });
  served.hasRank(rank);
  server = served;
  const direct = link.offer(master, {
    message: (payload, buffers) => {
      served.message(payload, buffers);
    },
    batchEnded: () => {
      served.batchEnded();
    },
  });
  link.tell(MessageKind.sandboxRuns, { pid: process.pid, direct } satisfies SandboxRuns);
  // The memory of large values is kept for a moment, to be used again.
  setInterval(() => {
    addon.trim();
  }, trimEvery).unref();
}
