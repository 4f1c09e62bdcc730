/**
 * Removes from the stack of a task's error the frames that show how this package called the task, because they do not
 * help the user.
 */

import { debuglog } from 'node:util';
import { packageFile, packageUrl } from './package_files.js';

/** With NODE_DEBUG=mpi-futures, stacks are shown in full. */
const { enabled: showAll } = debuglog('mpi-futures');

// Frames are in lib/ if Node.js uses source maps.
const own = ['dist/', 'lib/'].flatMap((folder) => [packageFile(folder), packageUrl(folder)]);

/**
 * `stack` without the frames of this package and of Node.js below the last frame of the program. If the program has no
 * frames in it, the frames from the call of a built-in function on are removed. Without such a call the stack stays as
 * it is, because the error is about this package.
 */
export function withoutOwnFrames(stack: string): string {
  if (showAll) return stack;
  const lines = stack.split('\n');
  let end = lines.length;
  while (end > 0 && isFrame(lines[end - 1]!) && !isOfProgram(lines[end - 1]!)) end--;
  if (end === 0 || !isFrame(lines[end - 1]!)) end = callOfBuiltIn(lines) ?? lines.length;
  return lines.slice(0, end).join('\n');
}

/**
 * `stack` without these frames, if they show that this package has called a task; else `stack`, which may be that of an
 * error that no task has made.
 */
export function withoutFramesOfCall(stack: string): string {
  if (!isOwn(stack)) return stack;
  const rest = withoutOwnFrames(stack);
  return isOwn(stack.slice(rest.length)) ? rest : stack;
}

/** `text`, which may show several errors, with these frames left out of each stack in it. */
export function withoutFramesOfCalls(text: string): string {
  return text.replace(/(?:\n\s+(?:at|\.{3}) .*)+/g, (frames) => {
    const end = /(?: \{|,)?$/.exec(frames)![0]; // what `inspect` writes behind the last frame
    return withoutFramesOfCall(frames.slice(0, frames.length - end.length)) + end;
  });
}

/**
 * The index of the frame where a worker calls a function that is not the program's, such as `JSON.parse`, whose own
 * frame is above.
 */
function callOfBuiltIn(lines: readonly string[]): number | undefined {
  const call = lines.findIndex((line) => /^\s+at callTheirs /.test(line) && isOwn(line));
  return call > 0 && isFrame(lines[call - 1]!) ? call : undefined;
}

// `inspect` writes "... 7 lines matching cause stack trace ..." for frames that it shows again below.
function isFrame(line: string): boolean {
  return /^\s+(?:at|\.{3}) /.test(line);
}

// The line that names another worker counts as the program's. A frame without a place in a file, such as Promise.all, is
// neither the program's nor this package's.
function isOfProgram(line: string): boolean {
  if (/^\s+at worker \d/.test(line)) return true;
  if (!/:\d+:\d+\)?$/.test(line)) return false;
  return !/[( ]node:/.test(line) && !isOwn(line);
}

function isOwn(text: string): boolean {
  return own.some((path) => text.includes(path));
}
