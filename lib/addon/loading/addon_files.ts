/** The places where addons are: built on this machine, or prebuilt in the package. */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

import { attempt } from '../../attempt.js';
import { packageFile } from '../../package_files.js';
import { startDirectory } from '../../start_directory.js';
import { abisOf, addonNames, type Abi } from '../abi.js';
import { addonCache } from './addon_cache.js';
import type { Implementation } from '../implementation.js';

/** A file that may be the addon of an ABI. The file exists, but need not be loadable. */
export interface AddonFile {
  readonly file: string;
  readonly abi: Abi;
  readonly isPrebuilt: boolean;
  /** The reason why the addon cannot be loaded, where that is known; `file` is a folder then. */
  readonly fault?: string;
}

/**
 * Yields the addons that may serve this MPI (`null`: any MPI): first those built here, then those of the package. Only
 * loading an addon shows whether its library is installed. Each file is looked up on demand, because most starts need
 * only the first.
 */
export function* findAddons(implementation: Implementation | null): Generator<AddonFile> {
  const abis = abisOf(implementation);
  for (const abi of abis) yield* builtFor(abi);
  for (const abi of abis) yield* prebuiltFor(abi);
}

function builtFor(abi: Abi): readonly AddonFile[] {
  const name = `${addonNames[abi]}.node`;
  const cache = addonCache();
  const places = [packageFile(`build/Release/${name}`)];
  if (cache !== undefined) places.push(join(cache, name));
  return places.filter(existsSync).map((file) => ({ file, abi, isPrebuilt: false }));
}

/**
 * The addon of sandboxes, which has nothing of MPI; undefined if there is none.
 *
 * @param named - the addon that the user has named: what was built with it is beside it
 */
export function findSandboxAddon(named = process.env.MPI_FUTURES_ADDON): string | undefined {
  const cache = addonCache();
  const places = [
    ...(named ? [join(dirname(resolve(startDirectory, named)), 'sandbox.node')] : []),
    packageFile('build/Release/sandbox.node'),
    ...(cache === undefined ? [] : [join(cache, 'sandbox.node')]),
  ];
  const built = places.find((file) => existsSync(file));
  if (built !== undefined) return built;
  const folder = packageFile('prebuilt/sandbox');
  const found = existsSync(folder) ? prebuilt(folder) : undefined;
  return found?.fault === undefined ? found?.file : undefined;
}

/**
 * The prebuilt variants of each ABI. Debian's MPICH has a variant of its own, linked with `libmpich.so.12` instead of
 * `libmpi.so.12`.
 */
const prebuiltVariants: Readonly<Record<Abi, readonly string[]>> = {
  openmpi: ['openmpi'],
  mpich: ['mpich', 'mpich-debian'],
  standard: ['mpi_abi'],
};

const require = createRequire(import.meta.url);

function prebuiltFor(abi: Abi): readonly AddonFile[] {
  return prebuiltVariants[abi]
    .map((variant) => packageFile(`prebuilt/${variant}`))
    .filter(existsSync)
    .map(prebuilt)
    .filter((found) => found !== undefined)
    .map((found) => ({ ...found, abi, isPrebuilt: true }));
}

/** The file that prebuildify has made for this platform, architecture and C library, as node-gyp-build finds it. */
function prebuilt(folder: string): Pick<AddonFile, 'file' | 'fault'> | undefined {
  let finder: typeof import('node-gyp-build');
  try {
    finder = require('node-gyp-build') as typeof finder;
  } catch (cause) {
    const [reason = ''] = (cause as Error).message.split('\n');
    return { file: folder, fault: `node-gyp-build, which finds it, is missing: ${reason}` };
  }
  return attempt(() => ({ file: finder.path(folder) })); // throws if there is none for this machine
}
