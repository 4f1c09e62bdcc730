/**
 * Defines a property like the built-in ones of errors: not enumerable, so that it is not printed with the object, but
 * writable.
 */
export function hideProperty(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, {
    value,
    writable: true,
    enumerable: false,
    configurable: true,
  });
}
