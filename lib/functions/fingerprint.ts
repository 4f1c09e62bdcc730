/**
 * A hash that tells versions of a source apart. Two are equal by chance once in 2^64. It does not protect against
 * deliberate collisions: loading node:crypto for that would take a third of the time in which this package loads, in
 * each process.
 */
export function fingerprint(text: string): string {
  let fnv = 0x811c9dc5; // FNV-1a, of UTF-16 units
  let polynomial = 0; // as Java's String.hashCode
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    fnv = Math.imul(fnv ^ unit, 0x01000193);
    polynomial = (Math.imul(polynomial, 31) + unit) | 0;
  }
  return [text.length, fnv >>> 0, polynomial >>> 0].map((number) => number.toString(36)).join('.');
}
