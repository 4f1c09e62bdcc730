/** Getters of built-in prototypes: they see what an object is, whatever its class or its properties say. */

/** A getter to be called with the object as `this`. */
export type Getter = (this: unknown) => unknown;

/** The getter of a built-in prototype, which must have one under `key`. */
export function getterOf(prototype: object, key: PropertyKey): Getter {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, key) as { get: Getter };
  return descriptor.get;
}

/** True if `object` has the internal slots that `getter` reads. It throws for others. */
export function answersTo(getter: Getter, object: object): boolean {
  try {
    getter.call(object);
    return true;
  } catch {
    return false;
  }
}
