/** What a worker has to say to the user, said by its master. */

import { decodeMessage, messageHead, MessageKind, type Warning } from '../tasks/messages.js';
import { warnOnce } from '../warn_once.js';

/** Says what is in the message, if that is meant for the user; otherwise false. */
export function tellUser(payload: Buffer): boolean {
  if (payload[0] === MessageKind.output) print(payload);
  else if (payload[0] === MessageKind.warning) warn(decodeMessage(payload) as Warning);
  else return false;
  return true;
}

function print(output: Buffer): void {
  const stream = output[1] === 2 ? process.stderr : process.stdout;
  stream.write(output.subarray(messageHead));
}

// Several workers of a host may have the same to say.
function warn({ code, text }: Warning): void {
  warnOnce(text, { type: 'MPIFuturesWarning', code });
}
