/**
 * Writes to stdout or stderr as `console.log` does: a stream that is closed, or a full disk, does not end the program.
 */
export function print(stream: NodeJS.WriteStream, text: string | Uint8Array): void {
  try {
    stream.write(text, (error) => {
      if (error) ignoreErrors(stream);
    });
  } catch {
    // It was written to a full disk.
  }
}

/** Until this turn is over: the event of an error follows the callback of the write. */
function ignoreErrors(stream: NodeJS.WriteStream): void {
  if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore);
  setImmediate(() => stream.off('error', ignore));
}

function ignore(): void {
  // Nobody can be told.
}
