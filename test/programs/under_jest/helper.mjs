/** A module that a test imports: workers import it, too. */

const factor = 5;
let count = 0;

export function times(x) {
  return x * factor;
}

export const adder = (k) => (x) => x + k + factor;

export const increment = () => ++count;

let setting;

export function set(value) {
  setting = value;
}

export function reading() {
  return () => [setting, factor];
}

export class Box {
  constructor(x) {
    this.x = x;
  }
  open() {
    return times(this.x);
  }
}
