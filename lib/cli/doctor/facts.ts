/** Gathers facts about this machine without starting MPI. */

import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';

import { findAddons } from '../../addon/loading/addon_files.js';
import { implementations, type Implementation } from '../../addon/implementation.js';
import { launcher, srunPlugin, type Launcher } from '../../addon/launcher.js';
import { findMpiexecs, type FoundMpiexec } from '../find_mpiexecs.js';

/** An addon that a program here would load. */
export interface FoundAddon {
  /** null if only the addon itself knows, because MPI_FUTURES_ADDON names it. */
  readonly implementation: Implementation | null;
  readonly file: string;
  readonly exists: boolean;
  /** True for an addon in the package, which is usable only if the MPI's library is installed. */
  readonly isPrebuilt: boolean;
}

/** The facts about this machine from which findings are made. Tests make findings from other facts. */
export interface Facts {
  readonly nodeVersion: string;
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  readonly hostname: string;
  /** −1 on systems without user ids. */
  readonly user: number;
  readonly cores: number;
  /** The setting of Linux's Yama; 0 where there is none. */
  readonly ptraceScope: number;
  readonly launcher: Launcher;
  /** The plugin of the srun that has started this process. */
  readonly srunPlugin: string | undefined;
  readonly addons: readonly FoundAddon[];
  readonly mpiexecs: readonly FoundMpiexec[];
}

/** @param deadline - milliseconds for each mpiexec to print its version */
export async function gatherFacts(deadline: number): Promise<Facts> {
  const environment = process.env;
  return {
    nodeVersion: process.versions.node,
    platform: process.platform,
    environment,
    hostname: hostname(),
    user: process.getuid?.() ?? -1,
    cores: availableParallelism(),
    ptraceScope: ptraceScope(),
    launcher,
    srunPlugin,
    addons: addonsHere(environment),
    mpiexecs: await findMpiexecs(deadline),
  };
}

function addonsHere({ MPI_FUTURES_ADDON: file }: NodeJS.ProcessEnv): FoundAddon[] {
  if (file) return [{ implementation: null, file, exists: existsSync(file), isPrebuilt: false }];
  return implementations.map((implementation) => {
    const [first] = findAddons(implementation);
    const { file = '', isPrebuilt = false } = first ?? {};
    return { implementation, file, exists: first !== undefined, isPrebuilt };
  });
}

function ptraceScope(): number {
  try {
    return Number(readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8'));
  } catch {
    return 0;
  }
}
