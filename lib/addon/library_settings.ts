/**
 * Variables that MPI libraries read when they are loaded or started, for cases where their own defaults harm a Node.js
 * process or fail. A value that the user has set is kept.
 */

import { homedir, networkInterfaces } from 'node:os';

import { attempt } from '../attempt.js';
import type { Addon } from './addon.js';
import type { MpiLibrary } from './implementation.js';

/**
 * Called before the library is loaded. UCX, the usual transport of MPICH and linked into Open MPI 5, replaces Node's handler of
 * SIGSEGV, which WebAssembly needs; takes SIGHUP for its debugger, so that a closed terminal would leave processes behind;
 * and patches the memory functions of the running process, which crashes it now and then: at its exit, or at once where
 * another thread allocates memory meanwhile (1 of 12 workers of Debian 13's Open MPI 5.0.7). To test its patches it makes the
 * heap a page larger and smaller again, and so takes away the last page of what the other thread was given in between. On
 * InfiniBand the memory events serve UCX's registration cache (docs/guide/known-issues.md).
 *
 * In a thread this changes a copy of the environment; native/communicators/ucx_variables.cc is for those, where the C library is glibc.
 */
export function setUcxVariables(): void {
  process.env.UCX_ERROR_SIGNALS ??= '';
  process.env.UCX_MEM_EVENTS ??= 'no';
  process.env.UCX_DEBUG_SIGNO ??= '0';
}

/**
 * Called before MPI starts. Open MPI also patches the memory functions where a transport asks for it, and 6.0 does so
 * in each MPI_Init: 1 of some 30 processes crashed, by SIGSEGV or by V8's own check of munmap. The patches serve the
 * same cache and are not safe with threads (https://github.com/open-mpi/ompi/issues/1654).
 */
export function keepMemoryFunctions({ implementation }: MpiLibrary): void {
  if (implementation === 'openmpi') process.env.OMPI_MCA_memory ??= '^patcher';
}

/**
 * Called before MPI starts. Open MPI 5 and later end a process that has no HOME, as under some daemons and in some containers, with
 * pages of text. The directory need not exist.
 */
export function haveHome({ implementation, major }: MpiLibrary): void {
  if (implementation !== 'openmpi' || major < 5) return;
  process.env.HOME ??= attempt(homedir) ?? '/nonexistent'; // the user may have none
}

/**
 * Called before MPI starts. A worker thread, and each file of jest's tests, has a copy of the environment: what this file or the
 * program sets there does not reach a library, so it is set in the environment of the process, too.
 */
export function tellLibrary(addon: Pick<Addon, 'setVariable'>): void {
  for (const [name, value = ''] of Object.entries(process.env)) {
    if (/^(HOME$|(OMPI|PRTE|PMIX)_MCA_)/.test(name)) addon.setVariable(name, value);
  }
}

const ofTcp = ['if_include', 'if_exclude', 'disable_family'].map(
  (name) => `OMPI_MCA_btl_tcp_${name}`,
);

/**
 * Called before MPI starts. Where Open MPI 5.0 is built with IPv6, as Debian's is, its TCP transport cannot connect
 * processes of a host that has IPv6 addresses, and hangs (https://github.com/open-mpi/ompi/issues/14079). With IPv4
 * alone, which is how it is built by default, it can. A host that others can only reach by IPv6 keeps IPv6.
 */
export function useIPv4Alone(library: MpiLibrary, interfaces = networkInterfaces()): void {
  if (library.implementation !== 'openmpi' || library.major !== 5) return;
  if (ofTcp.some((name) => process.env[name])) return;
  const outward = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  const isIPv6Alone = outward.length > 0 && outward.every(({ family }) => family === 'IPv6');
  if (!isIPv6Alone) process.env.OMPI_MCA_btl_tcp_disable_family = '6';
}
