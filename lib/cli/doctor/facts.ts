/** What can be seen of this machine without starting MPI. */

import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';

import { builtAddon } from '../../mpi/addon.js';
import { flavors, launcher, srunPlugin, type Flavor, type Launcher } from '../../mpi/launcher.js';
import { findMpiexecs, type FoundMpiexec } from '../mpiexecs.js';

/** An addon that a program here would load. */
export interface AddonFile {
  /** null: only the addon itself knows, for MPI_FUTURES_ADDON has named it. */
  readonly flavor: Flavor | null;
  readonly file: string;
  readonly exists: boolean;
}

export interface Facts {
  readonly nodeVersion: string;
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  readonly hostname: string;
  /** −1 where users have no numbers. */
  readonly user: number;
  readonly cores: number;
  /** Of Linux's Yama; 0 where there is none. */
  readonly ptraceScope: number;
  readonly launcher: Launcher;
  /** Of the srun that has started this process. */
  readonly srunPlugin: string | undefined;
  readonly addons: readonly AddonFile[];
  readonly mpiexecs: readonly FoundMpiexec[];
}

/** @param deadline - milliseconds for each mpiexec to say its version */
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
    addons: addonFiles(environment),
    mpiexecs: await findMpiexecs(deadline),
  };
}

function addonFiles({ MPI_FUTURES_ADDON: file }: NodeJS.ProcessEnv): AddonFile[] {
  if (file) return [{ flavor: null, file, exists: existsSync(file) }];
  return flavors.map((flavor) => {
    const built = builtAddon(flavor);
    return { flavor, file: built ?? '', exists: built !== undefined };
  });
}

function ptraceScope(): number {
  try {
    return Number(readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8'));
  } catch {
    return 0;
  }
}
