/** The tasks that every pool for Node.js is given. piscina and tinypool load this module, workerpool by its own worker script. */

export function nothing() {}

/** Gives back what it gets. */
export function echo(value) {
  return value;
}

/** Takes an array, and gives back a small value: the way there alone counts. */
export function take(array) {
  return array.length;
}

/** A fixed amount of arithmetic, not of time: what else runs on the cores meanwhile makes it longer, as it makes real work. */
export function work(rounds) {
  let x = 1;
  for (let i = 0; i < rounds; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
  return x & 1;
}

export function processId() {
  return process.pid;
}

export function square(x) {
  return x * x;
}

export function cpuUsage() {
  return process.cpuUsage();
}
