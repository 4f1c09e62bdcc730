/** Typed arrays of every class, for the tests of communicators. */

/** Those that MPI can reduce. */
export const integerClasses = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
];
export const floatClasses = [Float32Array, Float64Array];
export const classes = [
  ...integerClasses,
  ...floatClasses,
  ...(typeof Float16Array === 'undefined' ? [] : [Float16Array]),
];

/** `length` small numbers, from `first` on. */
export function range(Class, first, length) {
  const isBig = Class === BigInt64Array || Class === BigUint64Array;
  return Class.from({ length }, (_, index) => (isBig ? BigInt(first + index) : first + index));
}
