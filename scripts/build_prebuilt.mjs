// Builds the addons that the package includes, for machines without a compiler:
//
//   node scripts/build_prebuilt.mjs [--arch x64|arm64] [--variant NAME]… [--mpi-abi-include DIRECTORY]
//
// prebuildify puts them where node-gyp-build looks: prebuilt/<variant>/prebuilds/<platform>-<arch>/. On Linux an addon is linked
// only to the name of its MPI library (MPI_FUTURES_SONAME), so this needs only the headers of each MPI, and g++-aarch64-linux-gnu
// for arm64. On macOS an addon names its library by path: that of Homebrew.

import fs from 'node:fs';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import prebuildify from 'prebuildify';
import { CMakeFailure, runCMake } from './cmake.mjs';
import { cmakeJs } from './cmake_js.mjs';
import { runAsProgram, ScriptError } from './main.mjs';
import { ABI_NAMES, ADDON_NAMES, SANDBOX_ADDON } from './mpi_compiler.mjs';
import { root } from './paths.mjs';
import { SANDBOX, VARIANTS } from './prebuilt_variants.mjs';
import { findProgram } from './programs.mjs';

/** @typedef {import('./mpi_compiler.mjs').Abi} Abi */
/** @typedef {'x64' | 'arm64'} Arch */

const isLinux = process.platform === 'linux';

/** Debian's tools for another processor. @type {Readonly<Record<Arch, string>>} */
const PROCESSORS = { x64: 'x86_64', arm64: 'aarch64' };

/**
 * Those of these names; without names, all whose headers are here.
 * @param {{ arch: Arch, names: readonly string[], mpiAbiInclude?: string | undefined }} options
 */
async function buildPrebuilt({ arch, names, mpiAbiInclude }) {
  for (const [name, { abi, soname }] of Object.entries(VARIANTS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    if (!isLinux && name === 'mpich-debian') continue;
    try {
      const addon = await compile(abi, soname, arch, mpiAbiInclude);
      console.log(`${name}: ${path.relative(root, await publish(name, addon, arch))}`);
      // It is the same for each of them.
      const ofSandboxes = path.join(path.dirname(addon), SANDBOX_ADDON);
      console.log(`${SANDBOX}: ${path.relative(root, await publish(SANDBOX, ofSandboxes, arch))}`);
    } catch (error) {
      if (names.length > 0 || !isWithoutHeaders(error)) throw error;
      const hint = abi === 'standard' ? ', or name its folder: --mpi-abi-include DIRECTORY' : '';
      console.error(`${name}: left out. Install the headers of ${ABI_NAMES[abi]}${hint}`);
    }
  }
}

/**
 * @param {Abi} abi
 * @param {string} soname
 * @param {Arch} arch
 * @param {string | undefined} mpiAbiInclude
 * @returns {Promise<string>} the addon
 */
async function compile(abi, soname, arch, mpiAbiInclude) {
  const tree = path.join(root, 'build', 'prebuilt', `${arch}-${abi}`);
  fs.rmSync(path.join(tree, 'CMakeCache.txt'), { force: true });
  fs.mkdirSync(tree, { recursive: true });
  await runCMake(
    cmakeJs,
    {
      MPI_FUTURES_ABIS: abi,
      CMAKE_SKIP_RPATH: 'ON',
      ...(isLinux ? { MPI_FUTURES_SONAME: soname } : {}),
      ...(abi === 'standard' && mpiAbiInclude !== undefined
        ? { MPI_STANDARD_INCLUDE: path.resolve(mpiAbiInclude) }
        : {}),
      ...crossCompiler(arch),
    },
    { tree, log: path.join(tree, 'addon.log'), quiet: true },
  );
  return path.join(tree, 'Release', `${ADDON_NAMES[abi]}.node`);
}

/**
 * @param {Arch} arch
 * @returns {import('./cmake.mjs').Settings}
 */
function crossCompiler(arch) {
  if (arch === process.arch || !isLinux) return {};
  const compiler = findProgram(`${tools(arch)}g++`);
  if (compiler === undefined) {
    throw new ScriptError(
      `Expected ${tools(arch)}g++ on PATH, which compiles for ${arch}. ` +
        `Debian, Ubuntu: apt-get install g++-${PROCESSORS[arch].replace('_', '-')}-linux-gnu`,
    );
  }
  return {
    CMAKE_SYSTEM_NAME: 'Linux',
    CMAKE_SYSTEM_PROCESSOR: PROCESSORS[arch],
    CMAKE_CXX_COMPILER: compiler,
  };
}

/** @param {Arch} arch */
function tools(arch) {
  return arch === process.arch ? '' : `${PROCESSORS[arch]}-linux-gnu-`;
}

/**
 * Strips the addon, names and places it. prebuildify expects to compile, too, with node-gyp: here that has been done.
 * @param {string} name
 * @param {string} addon
 * @param {Arch} arch
 * @returns {Promise<string>} the folder where it is
 */
async function publish(name, addon, arch) {
  const cwd = path.join(root, 'build', 'prebuilt', name);
  const out = path.join(root, 'prebuilt', name);
  const release = path.join(cwd, 'build', 'Release');
  fs.rmSync(cwd, { recursive: true, force: true });
  fs.mkdirSync(release, { recursive: true });
  fs.copyFileSync(addon, path.join(release, path.basename(addon)));
  await promisify(prebuildify)({
    ...{ cwd, out, arch, name: 'mpi-futures', napi: true, tagLibc: isLinux },
    ...{ strip: true, stripBin: `${tools(arch)}strip`, nodeGyp: 'true', quiet: true },
  });
  return path.join(out, 'prebuilds', `${process.platform}-${arch}`);
}

/** @param {unknown} error */
function isWithoutHeaders(error) {
  return error instanceof CMakeFailure && error.log.includes('No MPI with C headers was found');
}

void runAsProgram(import.meta.url, () => {
  const { arch, variant, ...rest } = parseArgs({
    options: {
      arch: { type: 'string', default: process.arch },
      variant: { type: 'string', multiple: true, default: [] },
      'mpi-abi-include': { type: 'string' },
    },
  }).values;
  const unknown = variant.find((name) => !(name in VARIANTS));
  if (unknown !== undefined) {
    throw new ScriptError(
      `Expected ${Object.keys(VARIANTS).join(', ')} for --variant but received ${unknown}`,
    );
  }
  if (arch !== 'x64' && arch !== 'arm64')
    throw new ScriptError(`Expected x64 or arm64 for --arch but received ${arch}`);
  const headers = rest['mpi-abi-include'];
  if (headers !== undefined && !fs.existsSync(path.join(headers, 'mpi.h'))) {
    throw new ScriptError(
      `Expected the folder of the mpi.h of MPI 5 for --mpi-abi-include but received ${headers}`,
    );
  }
  return buildPrebuilt({ arch, names: variant, mpiAbiInclude: headers });
});
