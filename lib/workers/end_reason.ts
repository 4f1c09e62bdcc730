/**
 * Finds the reason why a process has ended in the last lines of its stderr: messages of V8, of Open MPI and of the
 * program.
 */

/** The reason why a process has ended, as far as its output shows. */
export interface EndReason {
  /** The reason for its end: V8's fatal error, or a signal. */
  readonly why?: string;
  /** An error for that reason, if the memory was full: the same as that of a worker thread. */
  readonly cause?: Error;
  /** The last lines, without the stack traces of native code; undefined if there are none. */
  readonly stderr?: string;
}

const mostLines = 20;
const longest = 2000;

/** Matches `1: 0xb78db3 node::Abort() [node]`, and Open MPI's `[host:00907] [ 3] node(+0x2)[0xb78dd0]`. */
const nativeFrame = /^\s*(?:\d+: 0x[0-9a-f]+|\[[^\]]*:\d+\] \[ ?\d+\] )|^-+ Native stack trace -+$/;
const fatalError = /^(?:#\s*)?FATAL ERROR: (.+)$/;
/** Matches `[907:0x3593bce0] 576 ms: Mark-Compact …`. */
const collection = /^\[(\d+):0x[0-9a-f]+\] +\d+ ms: /;
const ofOpenMpi = /^\[[^\]]*:0*(\d+)\] /;
const signal = /^\[[^\]]*:0*(\d+)\] Signal: (.+?) \((\d+)\)$/;

/**
 * @param said - the text that its JavaScript has printed on stderr
 * @param written - other text on stderr, also of its child processes
 * @param pid - its process id
 */
export function endReason(
  { said, written }: { readonly said: string; readonly written: string },
  pid: number,
): EndReason {
  const lines = linesOf(written).filter((line) => !nativeFrame.test(line));
  const why = fatalErrorIn(lines, pid) ?? signalIn(lines, pid);
  const told = [...linesOf(said), ...lines.filter((line) => !ofOpenMpi.test(line))];
  const stderr = told.slice(-mostLines).join('\n').slice(-longest);
  return {
    ...(why !== undefined && { why }),
    ...(/\bout of memory\b/.test(why ?? '') && { cause: outOfMemory(why!) }),
    ...(stderr !== '' && { stderr }),
  };
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

/** V8's fatal error, which is its last output; Open MPI may add lines after it. */
function fatalErrorIn(lines: readonly string[], pid: number): string | undefined {
  const at = lines.findLastIndex((line) => fatalError.test(line));
  const numberIn = (pattern: RegExp, line: string | undefined): number | undefined => {
    const match = pattern.exec(line ?? '');
    return match === null ? undefined : Number(match[1]);
  };
  if (lines.slice(at + 1).some((line) => numberIn(ofOpenMpi, line) !== pid)) return undefined;
  const collected = numberIn(
    collection,
    lines.findLast((line) => collection.test(line)),
  );
  if (collected !== undefined && collected !== pid) return undefined;
  return fatalError.exec(lines[at] ?? '')?.[1];
}

function signalIn(lines: readonly string[], pid: number): string | undefined {
  for (const line of lines.toReversed()) {
    const [, sender, name, number] = signal.exec(line) ?? [];
    if (Number(sender) === pid) return `${name!} (signal ${number!})`;
  }
  return undefined;
}

/** The error of Node.js for a worker thread whose memory was full. */
export function outOfMemory(message: string): Error {
  const error = new Error(message) as NodeJS.ErrnoException;
  delete error.stack;
  error.code = 'ERR_WORKER_OUT_OF_MEMORY';
  return error;
}
