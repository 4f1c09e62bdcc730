/** Of the stack of a task's error, the part that shows how this package called the task, which helps nobody to mend it. */

import { debuglog } from 'node:util';
import { packageFile, packageUrl } from '../package_files.js';

/** With NODE_DEBUG=mpi-futures stacks are shown whole. */
const { enabled: showAll } = debuglog('mpi-futures');

// With source maps frames are in lib.
const own = ['dist/', 'lib/'].flatMap((folder) => [packageFile(folder), packageUrl(folder)]);

/**
 * `stack` without the frames of this package and of Node.js below the last one of the program. As it is where there is none
 * of the program, or no frame at all: such an error is about this package.
 */
export function withoutOwnFrames(stack: string): string {
  if (showAll) return stack;
  const lines = stack.split('\n');
  let end = lines.length;
  while (end > 0 && isFrame(lines[end - 1]!) && !isOfProgram(lines[end - 1]!)) end--;
  return end > 0 && isFrame(lines[end - 1]!) ? lines.slice(0, end).join('\n') : stack;
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line);
}

// Where another worker had it is of the program, too. What has no place in a file, such as Promise.all, is neither.
function isOfProgram(line: string): boolean {
  if (/^\s+at worker \d/.test(line)) return true;
  if (!/:\d+:\d+\)?$/.test(line)) return false;
  return !/[( ]node:/.test(line) && !own.some((path) => line.includes(path));
}
