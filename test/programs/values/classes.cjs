/** Classes whose instances are sent. */

const { pack, unpack } = require('mpi-futures');

class Point {
  constructor(x, y) {
    if (x === undefined) throw new Error('the constructor was run');
    this.x = x;
    this.y = y;
  }
  get length() {
    return Math.hypot(this.x, this.y);
  }
}

class Point3 extends Point {
  constructor(x, y, z) {
    super(x, y);
    this.z = z;
  }
}

class Stack extends Array {
  top() {
    return this.at(-1);
  }
}

class Registry extends Map {
  name = 'registry';
}

class Tags extends Set {}

class Day extends Date {
  name() {
    return 'a day';
  }
}

class Matrix extends Float64Array {
  trace() {
    return this[0] + this[3];
  }
}

class AppError extends RangeError {
  constructor(message, options) {
    super(message, options);
    this.code = 'ERR_APP';
  }
}

class Counter {
  #count;
  constructor(count) {
    this.#count = count;
  }
  get count() {
    return this.#count;
  }
  [pack]() {
    return { count: this.#count };
  }
  static [unpack]({ count }) {
    return new Counter(count);
  }
}

class Secret {
  #value = 1;
  read() {
    return this.#value;
  }
}

class Node {
  children = [];
  constructor(parent) {
    this.parent = parent;
    parent?.children.push(this);
  }
}

module.exports = {
  Point,
  Point3,
  Stack,
  Registry,
  Tags,
  Day,
  Matrix,
  AppError,
  Counter,
  Secret,
  Node,
};
