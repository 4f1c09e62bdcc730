/**
 * A message as it travels: a packet with what it is, and its contents if they are small; else they follow on a tag of
 * their own. All packets have one tag of MPI, and the user's is inside: so a receive of any tag meets packets only.
 */

/** MPI guarantees tags up to 32767. */
export const tags = {
  packets: 0,
  /** Collective operations take two each, in turn. */
  collectives: { first: 1, count: 8190 },
  /** Contents that follow a packet. */
  contents: { first: 8191, count: 24576 },
} as const;

/** Contents up to this size are copied into the packet. */
export const largestInside = 32 << 10;

/** A packet that was received, read. */
export interface Envelope {
  readonly source: number;
  readonly tag: number;
  readonly kind: number;
  /** Of the contents. */
  readonly byteLength: number;
  /** The contents, or the tag on which they follow. */
  readonly contents: Uint8Array | number;
}

// The contents come last, where elements of every type can be read.
const headLength = 24;

/**
 * The bytes of a packet.
 * @param contentsTag - where `contents` follow; 0: they are inside
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

/** Reads a packet of {@link packetOf}. Its contents are copied. */
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
