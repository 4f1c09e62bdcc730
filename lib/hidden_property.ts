/** Makes a property as the language gives them to errors: not enumerated, so not printed with the object; it may be changed. */
export function hideProperty(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, {
    value,
    writable: true,
    enumerable: false,
    configurable: true,
  });
}
