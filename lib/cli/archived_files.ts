/** The files in an archive: yauzl reads .zip, tar reads .tgz. Links and devices are left out, as npm does. */

import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';

import type { Entry } from 'yauzl';

export interface ArchivedFile {
  /** In the archive, with `/` between its parts. */
  readonly path: string;
  readonly content: Buffer;
  readonly isExecutable: boolean;
}

/** @throws {Error} for what is no such archive, or a damaged one */
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

/** 0 where the archive was not made by Unix. */
function modeOf({ externalFileAttributes }: Entry): number {
  return externalFileAttributes >>> 16;
}

/** @throws {Error} for what is no such archive, or a damaged one */
export async function filesInTar(archive: Buffer): Promise<ArchivedFile[]> {
  const { Parser } = await import('tar');
  const reading: Promise<ArchivedFile>[] = [];
  await new Promise<void>((resolve, reject) => {
    const parser = new Parser({
      strict: true,
      onReadEntry: (entry) => {
        if (entry.type !== 'File' && entry.type !== 'OldFile') {
          entry.resume();
          return;
        }
        const isExecutable = ((entry.mode ?? 0) & 0o100) !== 0;
        reading.push(
          entry.concat().then((content) => ({ path: entry.path, content, isExecutable })),
        );
      },
    });
    parser.on('error', reject);
    parser.on('end', resolve);
    parser.end(archive);
  });
  return Promise.all(reading);
}
