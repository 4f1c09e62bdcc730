/**
 * Unpacks a program to the same path on every rank, since the workers import its modules by their URLs. The path is the
 * archive's own path, below a directory named after the archive's contents, in this user's directory for temporary
 * files. The files stay there for the next run.
 *
 * A file that exists is not written again. A missing one is written beside its place and then renamed. So ranks of one
 * host may unpack at the same time, and files that a cleaner of temporary files has removed are restored.
 */

import { createHash, randomUUID } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, normalize } from 'node:path';

import { UsageError } from '../errors.js';
import { filesInTar, filesInZip, type ArchivedFile } from './archived_files.js';

/** True for a path that ends like those of zip and gzipped tar archives; the file need not exist. */
export function isArchive(path: string): boolean {
  return /\.(zip|tgz|tar\.gz)$/i.test(path);
}

/**
 * The directory with the contents of the archive, or with those of the only directory in it.
 *
 * @throws {UsageError} for an archive that cannot be read, or that has files with paths outside of it
 */
export async function unpack(archive: string, temporary = tmpdir()): Promise<string> {
  const bytes = readFileSync(archive);
  const files = await read(archive, bytes);
  const name = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  try {
    const mirror = join(ownDirectory(temporary), name);
    const directory = join(mirror, archive);
    for (const file of files) write(join(directory, file.path), file);
    linkModules(mirror, archive);
    const top = onlyDirectory(files);
    return top === undefined ? directory : join(directory, top);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const reason = (cause as Error).message;
    throw new UsageError(
      `Cannot unpack ${archive} in ${temporary}, the directory for temporary files (TMPDIR): ${reason}`,
      { cause },
    );
  }
}

async function read(archive: string, bytes: Buffer): Promise<ArchivedFile[]> {
  const isZip = /zip$/i.test(archive);
  try {
    const files = await (isZip ? filesInZip(bytes) : filesInTar(bytes));
    for (const { path } of files)
      if (leadsOut(path)) throw new Error(`${path} would be outside of it`);
    if (files.length === 0) throw new Error('there is no file in it');
    return files;
  } catch (cause) {
    const kind = isZip ? 'zip' : 'tar';
    throw new UsageError(
      `Cannot unpack ${archive} as a ${kind} archive: ${(cause as Error).message}`,
      { cause },
    );
  }
}

function leadsOut(path: string): boolean {
  return path.startsWith('/') || path.includes('\0') || path.split(/[/\\]/).includes('..');
}

/** The directory in which only this user can put programs. */
function ownDirectory(temporary: string): string {
  const { uid, username } = userInfo();
  const directory = join(temporary, `mpi-futures-${uid >= 0 ? uid : username}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = lstatSync(directory);
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o022) === 0) return directory;
  throw new UsageError(
    `Archives are unpacked in ${directory}, but that is not a directory that only you can write to: ` +
      'remove it, or set TMPDIR',
  );
}

function write(path: string, { content, isExecutable }: ArchivedFile): void {
  if (statSync(path, { throwIfNoEntry: false })?.size === content.length) return;
  mkdirSync(dirname(path), { recursive: true });
  const incomplete = `${path}.${randomUUID()}`;
  writeFileSync(incomplete, content, { mode: isExecutable ? 0o700 : 0o600 });
  renameSync(incomplete, path);
}

/**
 * Links the node_modules of the archive's folders, so that packages that are not in the archive are found as they are
 * from the archive's own folder.
 */
function linkModules(mirror: string, archive: string): void {
  for (let at = archive; dirname(at) !== at; at = dirname(at)) {
    const modules = join(dirname(at), 'node_modules');
    const link = join(mirror, modules);
    if (basename(at) === 'node_modules' || !existsSync(modules) || existsSync(link)) continue;
    try {
      symlinkSync(modules, link);
    } catch (error) {
      // Another rank has made it.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function onlyDirectory(files: readonly ArchivedFile[]): string | undefined {
  const tops = new Set(files.map(({ path }) => normalize(path).split('/')[0] ?? ''));
  const [top] = tops;
  const isDirectory = files.every(({ path }) => normalize(path).includes('/'));
  return tops.size === 1 && isDirectory ? top : undefined;
}
