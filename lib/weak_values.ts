/** A map that holds its values weakly: an entry goes once nothing else refers to its value. */
export class WeakValues<Key, Value extends object> {
  readonly #references = new Map<Key, WeakRef<Value>>();
  readonly #lost = new FinalizationRegistry<Key>((key) => {
    // Another value may have taken its place.
    if (this.get(key) === undefined) this.#references.delete(key);
  });

  get(key: Key): Value | undefined {
    return this.#references.get(key)?.deref();
  }

  set(key: Key, value: Value): void {
    this.#references.set(key, new WeakRef(value));
    this.#lost.register(value, key);
  }
}
