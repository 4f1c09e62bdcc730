/** Variables of a CommonJS module; `var` as compilers write it for what is constant. */

var path = require('node:path');
var isLoaded = true;
let config;
let list = [];
var notSendable = new WeakMap();
var number;

exports.inGuard = async (pool) => {
  config = { k: 3 };
  list.push(1, 2);
  number = 2;
  if (isLoaded) {
    // In sloppy code a variable of the module.
    // eslint-disable-next-line no-unused-vars
    function inBlock() {
      return 'block';
    }
  }
  return Promise.all([
    pool.submit(() => `${config.k}`),
    pool.submit(() => list),
    pool.submit(() => inBlock()), // eslint-disable-line no-undef
    pool.submit(() => (notSendable.has({}) ? 0 : number)),
    pool.submit(() => path.sep),
  ]);
};
