/** The files in an archive: yauzl reads .zip, modern-tar reads .tgz. Links and devices are left out, as npm does. */

import { buffer } from 'node:stream/consumers';
import { crc32, gunzipSync } from 'node:zlib';

import type { Entry } from 'yauzl';

/** A regular file of an archive. Folders are implied; links and devices are left out. */
export interface ArchivedFile {
  /** The path in the archive, with `/` between its parts. */
  readonly path: string;
  readonly content: Buffer;
  readonly isExecutable: boolean;
}

/** @throws {Error} for a file that is no zip archive, or a damaged one */
export async function filesInZip(archive: Buffer): Promise<ArchivedFile[]> {
  const { fromBufferPromise } = await import('yauzl');
  const zip = await fromBufferPromise(archive, { lazyEntries: true });
  const files: ArchivedFile[] = [];
  for await (const entry of zip.eachEntry()) {
    if (!isFile(entry)) continue;
    const content = await buffer(await zip.openReadStreamPromise(entry));
    if (crc32(content) !== entry.crc32) throw new Error(`${entry.fileName} is damaged`);
    files.push({ path: entry.fileName, content, isExecutable: (modeOf(entry) & 0o100) !== 0 });
  }
  return files;
}

function isFile(entry: Entry): boolean {
  const type = modeOf(entry) & 0o170000;
  return !entry.fileName.endsWith('/') && (type === 0 || type === 0o100000);
}

/** The file's mode; 0 where the archive was not made on Unix. */
function modeOf({ externalFileAttributes }: Entry): number {
  return externalFileAttributes >>> 16;
}

/** @throws {Error} for a file that is no gzipped tar archive, or a damaged one */
export async function filesInTar(archive: Buffer): Promise<ArchivedFile[]> {
  const { unpackTar } = await import('modern-tar');
  const entries = await unpackTar(gunzipSync(archive), { strict: true });
  return entries
    .filter(({ header }) => header.type === 'file')
    .map(({ header, data = new Uint8Array() }) => ({
      path: header.name,
      content: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
      isExecutable: ((header.mode ?? 0) & 0o100) !== 0,
    }));
}
