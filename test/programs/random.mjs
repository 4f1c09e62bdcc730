/**
 * Random numbers, the same ones for the same seed (xorshift).
 * @param {number} seed - not 0
 * @returns {(below: number) => number} gives whole numbers from 0 on
 */
export function randomOf(seed) {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
