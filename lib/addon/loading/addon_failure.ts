/**
 * Explains why an addon cannot be used and what to do about it. Most of the explanation comes from the dynamic linker,
 * in its own words.
 */

import { basename } from 'node:path';

import { MPIUnavailableError } from '../../errors.js';
import { abiNames } from '../abi.js';
import { cutOff, noFile, otherProcessor } from './addon_binary.js';
import type { AddonFile } from './addon_files.js';

/** The reason for a file that was loaded but is something else. */
export const noAddon = 'it is not an addon of this package';

/**
 * The reason for an addon of another version of this package.
 *
 * @param its - the version of the addon; undefined where it does not say
 */
export function otherVersion(its: string | undefined, ours: string): string {
  return `it is of ${its === undefined ? 'an older version' : `version ${its}`} of this package, which is of version ${ours} here`;
}

/** The reason for an addon whose library has the expected name, but reports another MPI. */
export const otherLibrary = 'the library that it loads is of another MPI';

/** The library that is missing, as glibc, musl and macOS name it. */
const missing =
  /(?:^|: )([^:]+): cannot open shared object file|Error loading shared library ([^:]+): |Library not loaded: (\S+)/;
/** The damaged file and its fault, as glibc names them. */
const damaged =
  /^(.+): (file too short|invalid ELF header|wrong ELF class: \w+|cannot read file data|ELF .+)/;

/**
 * The error for an addon that cannot be loaded. Its code is `ERR_MPI_NOT_FOUND` if the addon's MPI is not on this
 * machine, otherwise `ERR_ADDON_UNUSABLE`.
 *
 * @param cause - the error thrown when the addon was loaded
 * @param kind - the addon's kind; undefined for MPI_FUTURES_ADDON
 */
export function unusableAddon(file: string, cause: unknown, kind?: AddonFile): MPIUnavailableError {
  const said = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
  const reason = (said.startsWith(`${file}: `) ? said.slice(file.length + 2) : said).replace(
    /\.$/,
    '',
  );
  return new MPIUnavailableError(
    `The addon ${file} cannot be loaded: ${reason}. ${whatNow(reason, cause, kind)}`,
    isMpi(missingLibrary(reason)) ? 'ERR_MPI_NOT_FOUND' : 'ERR_ADDON_UNUSABLE',
    { cause },
  );
}

function whatNow(reason: string, cause: unknown, kind?: AddonFile): string {
  if ((cause as { code?: unknown }).code === 'ERR_DLOPEN_DISABLED')
    return 'Start Node.js without --no-addons; with --permission it needs --allow-addons';
  const mpi = kind === undefined ? 'its MPI' : abiNames[kind.abi];
  const fault = faultOfFile(reason);
  if (fault !== undefined) return `${fault}${again(kind)}: npx mpi-futures build`;
  const library = missingLibrary(reason);
  if (library !== undefined && !isMpi(library))
    return `${library} belongs to ${mpi}, or is needed by it. Install it again, or load the module of ${mpi}`;
  if (damaged.test(reason)) return `This library is damaged. Install ${mpi} again`;
  if (reason === otherLibrary)
    return `A link or LD_LIBRARY_PATH leads to it in place of ${mpi}. Correct that, or set MPI_FUTURES_MPI to the MPI that you want`;
  if (/version `(GLIBC|GLIBCXX|CXXABI)_.+ not found/.test(reason))
    return 'It was built for a newer system than this one. Build it for this one: npx mpi-futures build';
  const isTooOld = /undefined symbol: (P?MPIX?_|ompi_)\w+/.test(reason);
  const question = isTooOld
    ? `The library of ${mpi} that was found is too old for it, or of another MPI: this package needs MPI 3.1.`
    : `Is ${mpi} installed, and the one it was built with?`;
  return `${question} To build it for the MPI of this machine run: npx mpi-futures build`;
}

/** The fault, if the addon's file itself has it, and not a library that it needs. */
function faultOfFile(reason: string): string | undefined {
  if ([noFile, otherProcessor, noAddon].includes(reason)) return '';
  if (/^(E[A-Z]+: |it is of .+ of this package, |node-gyp-build, )/.test(reason)) return '';
  return reason === cutOff || /^(file too short|invalid ELF header)/.test(reason)
    ? 'The file is damaged. '
    : undefined;
}

function again(kind?: AddonFile): string {
  if (kind === undefined) return 'Name another one, unset MPI_FUTURES_ADDON, or build it again';
  return kind.isPrebuilt ? 'Install the package again, or build it' : 'Build it again';
}

function missingLibrary(reason: string): string | undefined {
  const found = missing.exec(reason);
  const name = found?.[1] ?? found?.[2] ?? found?.[3];
  return name === undefined ? undefined : basename(name);
}

/**
 * True for the MPI library that an addon is linked to, such as libmpi.so.40, libmpich.so.12 or libmpi_cray.so.12, and
 * false for any other library.
 */
function isMpi(library: string | undefined): boolean {
  return library?.startsWith('libmpi') === true;
}
