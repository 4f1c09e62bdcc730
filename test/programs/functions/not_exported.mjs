/** A function that only its own module can name. */

const factor = 6;

function times(x) {
  return x * factor;
}

export function reveal() {
  return times;
}
