/** Getters of built-in prototypes. They read internal slots, whatever the object's class or properties are. */

/** A getter, called with the object as `this`. */
export type Getter = (this: unknown) => unknown;

/** The getter of a built-in prototype, which must have one under `key`. */
export function getterOf(prototype: object, key: PropertyKey): Getter {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, key) as { get: Getter };
  return descriptor.get;
}

/** True if `object` has the internal slots that `getter` reads. The getter throws for other objects. */
export function answersTo(getter: Getter, object: object): boolean {
  try {
    getter.call(object);
    return true;
  } catch {
    return false;
  }
}
