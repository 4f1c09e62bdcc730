/**
 * Checks the file of an addon before it is loaded: with a damaged one the dynamic linker ends the process, or names another
 * reason.
 */

import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** `dlopen` of such a file ends the process by SIGBUS. */
export const cutOff = 'it is cut off';
/** The reason given for a folder, a pipe or a device. */
export const noFile = 'it is not a file';
/** The dynamic linker says of it that it is not there. */
export const otherProcessor = 'it is for another kind of processor';

/** Why it cannot be loaded; undefined where only loading it shows that. @throws where it cannot be read */
export function faultOf(file: string): string | undefined {
  // Not a regular file: maybe a pipe, and to read one that nobody writes to would hang.
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

/** The sections come last. */
function endOfSections(header: Buffer): number {
  const start = Number(header.readBigUInt64LE(40));
  return start + header.readUInt16LE(58) * header.readUInt16LE(60);
}

/** Of 32 or 64 bits, the order of bytes, and the machine. */
function kindOfProcessor(header: Buffer): string {
  return header.toString('hex', 4, 6) + header.toString('hex', 18, 20);
}
