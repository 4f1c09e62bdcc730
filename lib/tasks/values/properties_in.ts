/** Makes an own property, also where a setter or a frozen prototype would take or refuse the assignment. */
export function setProperty(object: object, key: string | symbol, value: unknown): void {
  if (key in object)
    Object.defineProperty(object, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  else (object as Record<string | symbol, unknown>)[key] = value;
}

/** Makes a property that is not enumerated. */
export function hideProperty(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, {
    value,
    writable: true,
    enumerable: false,
    configurable: true,
  });
}
