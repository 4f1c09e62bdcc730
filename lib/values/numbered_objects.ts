/** The objects of a value and their numbers, in the order in which they were met. */

/** Up to this many objects are searched one by one, without a Map. */
const few = 8;
/** The largest number of entries in a Map of V8. */
const mostInMap = 2 ** 24 - 1;

/** The numbers by which a value refers to objects that were met before. */
export class NumberedObjects {
  count = 0;
  readonly #first: (object | undefined)[] = new Array<undefined>(few).fill(undefined);
  #numbers = new Map<object, number>();
  #full: Map<object, number>[] = [];

  /** The number of `object`. An object without one gets the next number, and −1 is returned. */
  numberOf(object: object): number {
    const { count } = this;
    if (count < few) {
      for (let number = 0; number < count; number++)
        if (this.#first[number] === object) return number;
      this.#first[count] = object;
    } else {
      if (count === few) this.#first.forEach((each, number) => this.#numbers.set(each!, number));
      const number = this.#numbers.get(object) ?? this.#numberAmongFull(object);
      if (number !== undefined) return number;
      if (this.#numbers.size === mostInMap) {
        this.#full.push(this.#numbers);
        this.#numbers = new Map();
      }
      this.#numbers.set(object, count);
    }
    this.count++;
    return -1;
  }

  clear(): void {
    this.#first.fill(undefined);
    if (this.count >= few) {
      this.#numbers = new Map();
      this.#full = [];
    }
    this.count = 0;
  }

  #numberAmongFull(object: object): number | undefined {
    for (const numbers of this.#full) {
      const number = numbers.get(object);
      if (number !== undefined) return number;
    }
    return undefined;
  }
}
