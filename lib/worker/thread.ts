/** The program of a worker thread: it serves the thread that started it. */

import { workerData } from 'node:worker_threads';

import { setMainModule } from '../pool/main_module.js';
import { markAsWorker } from '../pool/role.js';
import { ThreadChannel } from '../pool/thread_channel.js';
import { runPoolsInThreads } from '../pool/thread_fallback.js';
import type { ThreadData } from '../pool/worker_thread.js';
import { plainSnapshot } from '../tasks/values/snapshot.js';
import { openDoors } from './module_doors.js';
import { TaskServer } from './task_server.js';
import { forwardOutput } from './thread_output.js';

const { port, main } = workerData as ThreadData;
markAsWorker({
  report: (text) => process.stderr.write(text),
  endProgram: () => {
    channel.signal('abort');
    process.exit(1); // of this thread
  },
});
await openDoors();
setMainModule(main);
// MPI belongs to another thread, if to any.
runPoolsInThreads();
const server = new TaskServer({
  snapshot: plainSnapshot,
  send: (payload, length, buffers) => {
    channel.send(payload, length, buffers);
  },
});
const channel = new ThreadChannel(port, {
  message: (payload, buffers) => {
    server.message(payload, buffers);
  },
  batchEnded: () => {
    server.batchEnded();
  },
  signal: (signal) => {
    if (signal === 'quit') process.exit(0);
  },
});
forwardOutput((message, length) => {
  channel.send(message, length);
});
channel.signal('ready');
