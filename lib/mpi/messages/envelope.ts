/**
 * The format of a message: a packet that describes it, with the contents if they are small; larger contents follow with
 * a tag of their own. All packets have one MPI tag and carry the user's tag inside, so that a receive of any tag gets
 * packets only.
 */

/** MPI guarantees tags up to 32767. */
export const tags = {
  packets: 0,
  /** Tags of collective operations, which take two each, in turn. */
  collectives: { first: 1, count: 8190 },
  /** Tags of contents that follow a packet. */
  contents: { first: 8191, count: 24576 },
} as const;

/** Contents up to this size in bytes are copied into the packet. */
export const largestInside = 32 << 10;

/** A packet that was received, decoded. */
export interface Envelope {
  readonly source: number;
  readonly tag: number;
  readonly kind: number;
  /** The size of the contents. */
  readonly byteLength: number;
  /** The contents, or the tag on which they follow. */
  readonly contents: Uint8Array | number;
}

// The contents come last, where elements of every type can be read.
const headLength = 24;

/**
 * Makes the bytes of a packet.
 *
 * @param contentsTag - the tag on which `contents` follow; 0: they are inside
 */
export function packetOf(
  tag: number,
  kind: number,
  contents: Uint8Array,
  contentsTag: number,
): Uint8Array {
  const inside = contentsTag === 0;
  const packet = new Uint8Array(headLength + (inside ? contents.byteLength : 0));
  const head = new DataView(packet.buffer);
  head.setInt32(0, tag, true);
  head.setInt32(4, kind, true);
  head.setInt32(8, contentsTag, true);
  head.setFloat64(16, contents.byteLength, true);
  if (inside) packet.set(contents, headLength);
  return packet;
}

/** Reads a packet made by {@link packetOf}. The contents are copied. */
export function envelopeOf(source: number, packet: ArrayBuffer): Envelope {
  const head = new DataView(packet);
  const contentsTag = head.getInt32(8, true);
  return {
    source,
    tag: head.getInt32(0, true),
    kind: head.getInt32(4, true),
    byteLength: head.getFloat64(16, true),
    contents: contentsTag === 0 ? new Uint8Array(packet.slice(headLength)) : contentsTag,
  };
}
