const k = 2,
  a = (b) => b * k,
  c = (b) => b * k,
  d = [(b) => b + k, (b) => b - k, (b) => b];
export const all = [a, c, ...d, (b) => b ** k];
export function f(b) {
  return g(b) + k;
}
function g(b) {
  return b * 10;
}
export const { h, i } = { h: (b) => b + k, i: (b) => b * k * k };
