/** The program of a worker thread, which serves the thread that started it. */

import { workerData } from 'node:worker_threads';

import { serveOtherCopies } from '../copies.js';
import { setMainModule } from '../process/main_module.js';
import { endProcess, markAsWorker } from '../process/program_or_worker.js';
import { ThreadChannel } from '../workers/threads/thread_channel.js';
import { runPoolsInThreads } from '../workers/threads/thread_fallback.js';
import { threadSnapshot } from '../workers/threads/thread_memory.js';
import { Claims } from '../tasks/claims.js';
import type { ThreadData } from '../workers/threads/worker_thread.js';
import { openScopes } from './modules/scope_access.js';
import { ForwardedOutput } from './output.js';
import { TaskServer } from './task_server.js';
import { holdTimes } from './master_link.js';
import { endBroken } from './end_broken.js';
import { vital } from './unchanged_language.js';
import { setWorkersAccess } from './workers_access.js';

let channel: ThreadChannel;

serveOtherCopies();
const { port, rings, rank, claims, main, standsForProcess } = workerData as ThreadData;
markAsWorker({
  report: (text) => process.stderr.write(text),
  endProgram: () => {
    channel.signal('abort');
    endProcess(1); // of this thread
  },
});
// No await at the top level: V8 crashes where a thread is terminated while such a module begins (nodejs/node#62114).
void serve();

async function serve(): Promise<void> {
  await openScopes();
  setMainModule(main);
  // MPI belongs to another thread, if to any.
  runPoolsInThreads();
  const server = new TaskServer({
    snapshot: threadSnapshot,
    holdTime: holdTimes.usual,
    claims: new Claims(claims),
    send: (payload, length, buffers) => {
      // The output of a task must arrive before its result.
      output.flush();
      channel.send(payload, length, buffers);
    },
    handOver,
  });
  server.hasRank(rank);
  channel = new ThreadChannel(port, rings, true, {
    receive: vital,
    message: (payload, buffers) => {
      server.message(payload, buffers);
    },
    batchEnded: () => {
      server.batchEnded();
    },
    signal: (signal) => {
      if (signal === 'quit') endProcess(0);
    },
    unreadable: endBroken,
  });
  // Node.js would let the program read the output itself, which it no longer does once it ends.
  const output = new ForwardedOutput((message, length) => {
    channel.send(message, length);
  }, handOver);
  process.prependListener('exit', () => {
    output.flush();
  });
  if (standsForProcess) {
    setWorkersAccess({
      communicator: 'alone',
      asked: () => {
        server.workersAskedFor();
      },
      whenLost: () => undefined, // there is nobody else
    });
  }
  channel.signal('ready');
}

function handOver(): void {
  // Messages that were posted are received even after this thread has ended.
}
