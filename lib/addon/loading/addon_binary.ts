/**
 * Checks the file of an addon before it is loaded: with a damaged one the dynamic linker ends the process, or names another
 * reason.
 */

import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** The fault of a truncated file: `dlopen` of one ends the process by SIGBUS. */
export const cutOff = 'it is cut off';
/** The reason given for a folder, a pipe or a device. */
export const noFile = 'it is not a file';
/** The fault of a file for another processor, which the dynamic linker reports as missing. */
export const otherProcessor = 'it is for another kind of processor';

/**
 * Returns why the addon in `file` cannot be loaded; undefined where only loading it can show that.
 *
 * @throws where the file cannot be read
 */
export function faultOf(file: string): string | undefined {
  // A file that is not regular may be a pipe, and reading a pipe without a writer would hang.
  if (!statSync(file).isFile()) return noFile;
  const { header, size } = headerOf(file);
  if (!isElf(header)) return undefined;
  if (header.length < headerLength || endOfSections(header) > size) return cutOff;
  const own = headerOf(process.execPath).header;
  return isElf(own) && kindOfProcessor(own) !== kindOfProcessor(header)
    ? otherProcessor
    : undefined;
}

const headerLength = 64;

function headerOf(file: string): { header: Buffer; size: number } {
  const header = Buffer.alloc(headerLength);
  const handle = openSync(file, 'r');
  try {
    const length = readSync(handle, header, 0, headerLength, 0);
    return { header: header.subarray(0, length), size: fstatSync(handle).size };
  } finally {
    closeSync(handle);
  }
}

function isElf(header: Buffer): boolean {
  return header.subarray(0, 4).toString('latin1') === '\x7fELF';
}

/** The end of the sections, which come last in the file. */
function endOfSections(header: Buffer): number {
  const start = Number(header.readBigUInt64LE(40));
  return start + header.readUInt16LE(58) * header.readUInt16LE(60);
}

/** The part of an ELF header that identifies the processor: 32 or 64 bits, byte order, machine. */
function kindOfProcessor(header: Buffer): string {
  return header.toString('hex', 4, 6) + header.toString('hex', 18, 20);
}
