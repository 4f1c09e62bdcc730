/** Copies of buffers' contents, which are what is sent: later changes must not be seen. */

/** Copies bytes into memory of their own, now. */
export type Snapshot = (bytes: Uint8Array) => ArrayBuffer;

/** A snapshot in ordinary memory. */
export const plainSnapshot: Snapshot = (bytes) => {
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
};
