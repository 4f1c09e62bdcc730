const factor = 11;

module.exports = function (x) {
  return x * factor;
};

module.exports.more = (x) => x + factor;
