/** Run by Node.js itself, which strips the types. */

const factor = 3;

interface Sized {
  readonly size: number;
}

export function typed(x: number): number {
  return x * factor;
}

export const generic = <T>(x: T): [T, number] => [x, factor];

function hidden({ size }: Sized): number {
  return size + factor;
}

export class Typed implements Sized {
  readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  static of(size: number): Typed {
    return new Typed(size);
  }

  grown(by: number): number {
    return this.size + by + factor;
  }
}

export function closure(by: number): (x: number) => number {
  const twice: number = by * 2;
  return (x: number): number => x * twice + factor;
}

export function thrower(message: string): never {
  // This is line 42 of the file, also when the types have been removed.
  throw new RangeError(message);
}

export const reveal = (): { hidden: typeof hidden } => ({ hidden });
