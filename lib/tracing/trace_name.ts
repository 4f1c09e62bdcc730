/**
 * The name of the file of MPI_FUTURES_TRACE. Processes and threads that run at the same time may have the same variable: the
 * ranks of one command, the program's children and its own threads. The first one has the name itself; each of the others adds
 * its process id, and its number if it is a thread. A file of an earlier run is replaced.
 *
 * The file shows whether its writer is still there: it begins with the writer's host and process id, and ends with an event `end`.
 */

import { closeSync, fstatSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { threadId } from 'node:worker_threads';

/** The event at the end of a file: a list may not end with a comma. */
export const lastEvent = '{"name":"end","ph":"M","pid":0,"tid":0}]\n';

/** Milliseconds for which the writer of another host may be silent. */
const longestSilence = 60_000;
/** Milliseconds after which a lock was left by a process that was killed: it is held for a few calls. */
const longestLock = 10_000;

interface Writer {
  readonly host: string;
  readonly process: number;
  readonly thread: number;
}

/**
 * Opens the file for this thread, and writes its head.
 *
 * @throws the error of the file system
 */
export function openTrace(name: string): number {
  if (!isOrdinary(name)) return begin(name);
  const unlock = lock(`${name}.lock`);
  try {
    const isFree = unlock !== undefined && !isBeingWritten(name);
    return begin(isFree ? name : ownNameOf(name));
  } finally {
    unlock?.();
  }
}

function begin(name: string): number {
  const descriptor = openSync(name, 'w');
  const args: Writer = { host: hostname(), process: process.pid, thread: threadId };
  const head = { name: 'writer', ph: 'M', pid: 0, tid: 0, args };
  try {
    writeSync(descriptor, `[\n${JSON.stringify(head)},\n`);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return descriptor;
}

/** `run.17.json` of `run.json`. */
function ownNameOf(name: string): string {
  const { dir, name: base, ext } = path.parse(name);
  const own = threadId === 0 ? `${process.pid}` : `${process.pid}-${threadId}`;
  return path.join(dir, `${base}.${own}${ext}`);
}

/** False for devices, pipes and the like, which have no content that would be replaced, and whose reader might wait for ever. */
function isOrdinary(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isFile() ?? true;
}

/**
 * Makes sure that only one process at a time looks who writes the file. Returns undefined while another process does: that one gets
 * the name, and nobody waits.
 */
function lock(name: string): (() => void) | undefined {
  for (let tries = 0; tries < 2; tries++) {
    try {
      closeSync(openSync(name, 'wx'));
      return () => {
        rmSync(name, { force: true });
      };
    } catch (error) {
      // Without a lock the file itself may still be written, or have an error that says more.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return doNothing;
      const { mtimeMs = 0 } = statSync(name, { throwIfNoEntry: false }) ?? {};
      if (Date.now() - mtimeMs < longestLock) return undefined;
      rmSync(name, { force: true });
    }
  }
  return undefined;
}

function isBeingWritten(name: string): boolean {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(name, 'r');
    const { size, mtimeMs } = fstatSync(descriptor);
    const writer = writerIn(textAt(descriptor, 0, 4096));
    const isWhole = textAt(descriptor, Math.max(0, size - lastEvent.length)) === lastEvent;
    if (writer === undefined || isWhole) return false;
    if (writer.host !== hostname()) return Date.now() - mtimeMs < longestSilence;
    if (writer.process === process.pid) return writer.thread !== threadId;
    return isAlive(writer.process);
  } catch {
    return false; // there is no file; or it cannot be read, and the error of writing it says more
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function textAt(descriptor: number, position: number, length = lastEvent.length): string {
  const bytes = Buffer.alloc(length);
  return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, length, position));
}

/** The writer of a trace, by the beginning of the file; undefined if it is none. */
function writerIn(text: string): Writer | undefined {
  const [first, second = ''] = text.split('\n', 2);
  if (first !== '[') return undefined;
  try {
    const { name, args } = JSON.parse(second.slice(0, -1)) as { name: unknown; args: Writer };
    return name === 'writer' ? args : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function doNothing(): void {
  // There is no lock.
}
