/** Findings about large buffers: whether processes of one host can read each other's memory. */

import { isSwitchedOff } from '../../../process/switched_off.js';
import type { Facts } from '../facts.js';
import { finding, type Finding } from '../finding.js';

/** Reports how large buffers are transferred, and how to make it faster. */
export function peerMemoryFindings({ platform, ptraceScope, user, environment }: Facts): Finding[] {
  if (platform !== 'linux') {
    return [
      finding(
        'peer-memory',
        'note',
        'Large buffers travel through MPI: processes can read each other’s memory on Linux only',
      ),
    ];
  }
  if (isSwitchedOff('MPI_FUTURES_SHARED_MEMORY', environment)) {
    const message =
      'Tasks and large buffers travel through MPI, even on one host: MPI_FUTURES_SHARED_MEMORY says so';
    return [finding('peer-memory', 'note', message)];
  }
  if (isSwitchedOff('MPI_FUTURES_PEER_MEMORY', environment)) {
    const message = 'Large buffers travel through MPI: MPI_FUTURES_PEER_MEMORY says so';
    return [finding('peer-memory', 'note', message)];
  }
  if (ptraceScope === 0 || (user === 0 && ptraceScope < 3)) {
    return [
      finding('peer-memory', 'ok', 'Processes of one host may read each other’s large buffers'),
    ];
  }
  if (ptraceScope === 1) {
    const message =
      'kernel.yama.ptrace_scope = 1: processes of one host let each other read large buffers, unless a script starts each rank';
    return [finding('peer-memory', 'ok', message)];
  }
  return [
    finding(
      'peer-memory',
      'note',
      `kernel.yama.ptrace_scope = ${ptraceScope}: large buffers travel through MPI, with more copies`,
      'On a machine of your own: sysctl kernel.yama.ptrace_scope=0',
    ),
  ];
}
