/** Runs its arguments with node, as npx would: what mpiexec has opened for this process is not passed on. */

import { spawnSync } from 'node:child_process';

const { status } = spawnSync(process.execPath, process.argv.slice(2), { stdio: 'inherit' });
process.exitCode = status ?? 1;
