/** `mpi-futures build`: compiles the addon, by the same script that this package's own development uses. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { addonCache } from '../addon/loading/addon_cache.js';
import { packageFile } from '../package_files.js';
import { parseSubcommand } from './subcommand_options.js';

const script = packageFile('scripts/build.mjs');

/**
 * Returns the exit status.
 *
 * @throws {CommandLineError}
 */
export async function build(args: readonly string[]): Promise<number> {
  const options = { mpicc: { type: 'string' }, out: { type: 'string' } } as const;
  parseSubcommand('build', { args: [...args], options });
  const cache = addonCache();
  const fallback = cache === undefined ? [] : ['--fallback', cache];
  const compiler = spawn(process.execPath, [script, ...fallback, ...args], { stdio: 'inherit' });
  const [status] = (await once(compiler, 'exit')) as [number | null];
  return status ?? 1;
}
