const factor = 5;

exports.first = function (x) {
  return x * factor;
};

exports.second = (x) => exports.first(x) + 1;

module.exports.third = function named(x) {
  return x - factor;
};

exports.fourth = exports.fifth = (x) => x / factor;
