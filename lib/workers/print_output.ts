/** Prints what a worker has sent to the user: its output, and its warnings. */

import { print } from '../print.js';
import { decodeMessage, messageHead, type Warning } from '../tasks/messages.js';
import { warnOnce } from '../warn_once.js';

/** Writes the text of a message of `MessageKind.output` to the stream that the worker wrote it to. */
export function printOutput(output: Buffer): void {
  print(output[1] === 2 ? process.stderr : process.stdout, output.subarray(messageHead));
}

/**
 * Emits the warning of a message of `MessageKind.warning`, once: several workers of a host may have the same warning.
 */
export function warnUser(message: Buffer): void {
  const { code, text } = decodeMessage(message) as Warning;
  warnOnce(text, { type: 'MPIFuturesWarning', code });
}
