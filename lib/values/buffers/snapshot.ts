/** Copies the contents of buffers, so that later changes are not sent. */

/** Copies bytes into new memory at once. */
export type Snapshot = (bytes: Uint8Array) => ArrayBuffer;

/** A snapshot in ordinary memory. */
export const plainSnapshot: Snapshot = (bytes) => {
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
};
