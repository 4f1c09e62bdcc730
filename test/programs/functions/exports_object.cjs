/** Functions of a CommonJS module, most of which it does not export; `module.exports` is replaced. */

const path = require('node:path');

const factor = 3;
let count = 0;

function hidden(x) {
  return x * factor;
}

function sloppyThis() {
  return this === globalThis;
}

function strictThis() {
  'use strict';
  return this === undefined;
}

function usesRequire(x) {
  return require('node:path').join(__dirname, x) + path.sep + path.basename(__filename);
}

function usesSibling(x) {
  return require('./exports_one_by_one.cjs').second(x);
}

function increment(by) {
  count += by;
  return count;
}

function legacy(x) {
  // Syntax that only sloppy mode allows.
  var octal = 010; // eslint-disable-line
  return octal + x + arguments.length;
}

class Box {
  constructor(content) {
    this.content = content;
  }
  static of(content) {
    return new Box(content);
  }
  open() {
    return [this.content, factor];
  }
}

module.exports = {
  inObject(x) {
    return x + factor;
  },
  arrow: (x) => hidden(x) + 1,
  nested: { deep: (x) => hidden(x) + 2 },
  Box,
  increment,
  reveal: () => ({
    hidden,
    sloppyThis,
    strictThis,
    usesRequire,
    usesSibling,
    legacy,
    requiring: () => require('node:path').sep,
  }),
};
