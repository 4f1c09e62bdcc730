/** Getters of built-in prototypes: they see what an object is, whatever its class or its properties say. */

export type Getter = (this: unknown) => unknown;

export function getterOf(prototype: object, key: PropertyKey): Getter {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, key) as { get: Getter };
  return descriptor.get;
}

/** Whether `object` is one that `getter` is for. */
export function answersTo(getter: Getter, object: object): boolean {
  try {
    getter.call(object);
    return true;
  } catch {
    return false;
  }
}
